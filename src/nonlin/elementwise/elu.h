// x, or alpha (e^x - 1) below 0
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>

namespace nonlin {

struct elu {
    static constexpr About about = {
        "Exponential linear unit.",
        "",
        "x if x > 0 else alpha * (exp(x) - 1)",
        "1 if x > 0 else alpha * exp(x)",
        "(-1, inf)",
        "alpha at 0",
        "D.-A. Clevert, T. Unterthiner, S. Hochreiter, ICLR 2016, arXiv:1511.07289.",
    };
    static constexpr Parameters parameters = takes(moderate_signed("alpha", 1.0));

    template <class V>
    NONLIN_FN static V value(V x, V alpha) {
        const V below = rounded_product(alpha, exponential_of<V>(minimum(V(0.0), x)).minus_one());
        return select(x < V(0.0), below, x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha) {
        const V below = rounded_product(alpha, exponential_of<V>(minimum(V(0.0), x)).lifted());
        return select(x > V(0.0), V(1.0), lowered(below));
    }
};

}  // namespace nonlin
