// x / sqrt(1 + alpha x^2)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct isru {
    static constexpr About about = {
        "Inverse square root unit.",
        "",
        "x / sqrt(1 + alpha * x^2)",
        "(1 + alpha * x^2)^(-3/2)",
        "(-1, 1)",
        "none",
        "B. Carlile et al., arXiv:1710.09967.",
    };
    static constexpr Parameters parameters = takes(moderate("alpha", 1.0));

    // x and sqrt(1 + alpha x^2), both times a power of two that keeps x^2 from overflowing.
    template <class V>
    struct Shrunk {
        V factor, x;
        Two<V> root;
        NONLIN_FN Shrunk(V unbounded, V alpha)
            : factor(shrink_factor(unbounded)), x(finite(unbounded) * factor) {
            const Two<V> square = exact_product(x, x) * alpha;
            root = square_root(Two<V>(factor * factor) + square);
        }
    };

    template <class V>
    NONLIN_FN static V value(V x, V alpha) {
        const Shrunk<V> s(x, alpha);
        return signed_as(x, rounded(Two<V>(s.x) / s.root));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha) {
        const Shrunk<V> s(x, alpha);
        const Two<V> q = Two<V>(s.factor) / s.root;
        return rounded(q * q * q);
    }
};

}  // namespace nonlin
