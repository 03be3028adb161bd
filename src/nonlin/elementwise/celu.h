// max(x, 0) + alpha (e^(min(x, 0)/alpha) - 1)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>

namespace nonlin {

struct celu {
    static constexpr About about = {
        "Continuously differentiable exponential linear unit.",
        "",
        "x if x >= 0 else alpha * (exp(x / alpha) - 1)",
        "1 if x >= 0 else exp(x / alpha)",
        "(-1, inf)",
        "1 at 0",
        "J. Barron, arXiv:1704.07483.",
    };
    static constexpr Parameters parameters = takes(moderate("alpha", 1.0));

    // e^(min(x, 0) / alpha); far below 0, where it has vanished, x is bounded.
    template <class V>
    NONLIN_FN static Exponential<V> exponential(V x, V alpha) {
        const V bounded = maximum(V(-1000.0) * alpha, minimum(V(0.0), x));
        return exponential_of(Two<V>(bounded) / Two<V>(alpha));
    }

    template <class V>
    NONLIN_FN static V value(V x, V alpha) {
        const V below = rounded_product(alpha, exponential(x, alpha).minus_one());
        // So close to 0 that x / alpha might underflow, f(x) is x.
        return select(x < V(-0x1p-60) * alpha, below, x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha) {
        const V below = lowered(exponential(x, alpha).rounded_lifted());
        return select(x >= V(0.0), V(1.0), below);
    }
};

}  // namespace nonlin
