// 0, a parabola, then x
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct sparse_plus {
    static constexpr About about = {
        "Softplus made of a line and a parabola.",
        "",
        "0 if x <= -1 else x if x >= 1 else (x + 1)^2 / 4",
        "0 if x <= -1 else 1 if x >= 1 else (x + 1) / 2",
        "[0, inf)",
        "none",
        "JAX.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        const V y = V(0.25) * rounded(squared(exact_sum(within(x, 1.0), V(1.0))));
        return select(x > V(1.0), x, y);
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return V(0.5) * (within(x, 1.0) + V(1.0));
    }
};

}  // namespace nonlin
