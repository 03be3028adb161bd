// elu scaled so that activations normalise themselves
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>

namespace nonlin {

struct selu {
    static constexpr About about = {
        "Self-normalising exponential linear unit.",
        "",
        "scale * x if x > 0 else scale * alpha * (exp(x) - 1)",
        "scale if x > 0 else scale * alpha * exp(x)",
        "(-1.7581, inf)",
        "scale * alpha = 1.7581 at 0",
        "G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, NeurIPS 2017, arXiv:1706.02515; "
        "alpha 1.67326324235437728..., scale 1.05070098735548049....",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static Two<V> scale() {
        return constant<V>(0x1.0cfabd6a91132p0, 0x1.6fc7d272f2695p-55);
    }
    template <class V>
    NONLIN_FN static Two<V> scale_alpha() {
        return constant<V>(0x1.c212cc640f031p0, 0x1.05161b045a1fep-56);
    }

    template <class V>
    NONLIN_FN static V value(V x) {
        const Two<V> below = exponential_of<V>(minimum(V(0.0), x)).minus_one() * scale_alpha<V>();
        return select(x < V(0.0), rounded(below), rounded_product(x, scale<V>()));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const Two<V> below = exponential_of<V>(minimum(V(0.0), x)).lifted() * scale_alpha<V>();
        return select(x > V(0.0), V(0x1.0cfabd6a91132p0), lowered(rounded(below)));
    }
};

}  // namespace nonlin
