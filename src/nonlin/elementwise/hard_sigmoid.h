// a line, cut to [0, 1]
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct hard_sigmoid {
    static constexpr About about = {
        "Sigmoid made of three straight lines.",
        "hardsigmoid",
        "min(max(alpha * x + beta, 0), 1)",
        "alpha if 0 < alpha * x + beta < 1 else 0",
        "[0, 1]",
        "0 at both edges",
        "M. Courbariaux, Y. Bengio, J.-P. David, NeurIPS 2015; slope 1/6: A. Howard et al., "
        "MobileNetV3, 2019.",
    };
    static constexpr Parameters parameters =
        takes(moderate("alpha", 1.0 / 6.0), any_finite("beta", 0.5));

    // alpha x + beta - above, rounded once. The default alpha stands for the fraction 1/6, which no
    // float64 is: its low part is added, and what then is left of 0 at the edges is taken away.
    template <class V>
    NONLIN_FN static V sloped(V x, V alpha, V beta, double above) {
        const auto sixth = alpha == V(1.0 / 6.0);
        const V low = select(sixth, V(0x1.5555555555555p-57) * finite(x), V(0.0));
        const V plain = alpha * x;
        const Two<V> offset = exact_sum(beta, V(-above));
        const V y = rounded(exact_product(alpha, x) + offset + Two<V>(low));
        const V nothing = V(V::extended ? 0x1p-40 : 0x1p-90);
        const V flushed = select(sixth & (beta == V(0.5)) & (magnitude(y) < nothing), V(0.0), y);
        return select(magnitude(plain) > V(0x1p60), plain, flushed);
    }

    template <class V>
    NONLIN_FN static V value(V x, V alpha, V beta) {
        return minimum(V(1.0), maximum(V(0.0), sloped(x, alpha, beta, 0.0)));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha, V beta) {
        const auto positive = (sloped(x, alpha, beta, 0.0) > V(0.0)) |
                              ((beta == V(0.0)) & (x > V(0.0)));  // the product may underflow
        const auto inside = positive & (sloped(x, alpha, beta, 1.0) < V(0.0));
        return unless_nan(x, select(inside, alpha, V(0.0)));
    }
};

}  // namespace nonlin
