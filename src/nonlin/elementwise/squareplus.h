// (x + sqrt(x^2 + b)) / 2
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct squareplus {
    static constexpr About about = {
        "Smooth rectifier without exponentials.",
        "",
        "(x + sqrt(x^2 + b)) / 2",
        "(1 + x / sqrt(x^2 + b)) / 2",
        "(0, inf)",
        "none",
        "J. Barron, arXiv:2112.11687.",
    };
    static constexpr Parameters parameters = takes(moderate("b", 4.0));

    // |x|, b and sqrt(x^2 + b), shrunk by a power of two that keeps x^2 from overflowing.
    template <class V>
    struct Shrunk {
        V factor, a;
        Two<V> root;
        NONLIN_FN Shrunk(V x, V b) : factor(shrink_factor(x)), a(magnitude(finite(x)) * factor) {
            const V f = factor;
            root = square_root(exact_product(a, a) + Two<V>(b * f * f));
        }
    };

    template <class V>
    NONLIN_FN static V value(V x, V b) {
        const Shrunk<V> s(x, b);
        const Two<V> sum = s.root + Two<V>(s.a);  // for x < 0 the result is b / (2 sum)
        const V above =
            rounded(scaled(sum, V(0.5))) * select(s.factor < V(1.0), V(0x1p600), V(1.0));
        const V below = rounded(Two<V>(V(0.5) * b) / sum) * s.factor;
        return select(x < V(0.0), select(x < finite(x), V(0.0), below),
                      select(x > finite(x), x, above));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V b) {
        const Shrunk<V> s(x, b);
        const Two<V> sum = s.root + Two<V>(s.a);
        const V above = rounded(scaled(sum / s.root, V(0.5)));
        const Two<V> low = Two<V>(V(0.5) * b * s.factor) / s.root;
        const V below = rounded(low / sum) * s.factor;
        return select(x < V(0.0), below, above);
    }
};

}  // namespace nonlin
