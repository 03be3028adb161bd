// x + (sqrt(x^2 + 1) - 1) / 2
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct bent_identity {
    static constexpr About about = {
        "Line with slope 1/2, bent to slope 3/2.",
        "",
        "(sqrt(x^2 + 1) - 1) / 2 + x",
        "x / (2 sqrt(x^2 + 1)) + 1",
        "(-inf, inf)",
        "none",
        "Wikipedia, Activation function.",
    };
    static constexpr Parameters parameters = no_parameters();

    // x and sqrt(x^2 + 1), shrunk by a power of two that keeps x^2 from overflowing.
    template <class V>
    struct Shrunk {
        V factor, x;
        Two<V> root;
        NONLIN_FN explicit Shrunk(V unbounded)
            : factor(shrink_factor(unbounded)), x(finite(unbounded) * factor) {
            root = square_root(exact_product(x, x) + Two<V>(factor * factor));
        }
    };

    template <class V>
    NONLIN_FN static V value(V x) {
        const Shrunk<V> s(x);
        // sqrt(x^2 + 1) - 1 = x^2 / (sqrt(x^2 + 1) + 1)
        const Two<V> half = exact_product(s.x, s.x) / scaled(s.root + Two<V>(s.factor), V(2.0));
        const V y = rounded(half + Two<V>(s.x)) * select(s.factor < V(1.0), V(0x1p600), V(1.0));
        return select((x == V(0.0)) | (magnitude(x) > magnitude(finite(x))), x, y);
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const Shrunk<V> s(x);
        return rounded(one_plus(Two<V>(V(0.5) * s.x) / s.root));
    }
};

}  // namespace nonlin
