// isru below 0, x above
#pragma once

#include <nonlin/about.h>
#include <nonlin/elementwise/isru.h>

namespace nonlin {

struct isrlu {
    static constexpr About about = {
        "Inverse square root linear unit.",
        "",
        "x if x >= 0 else x / sqrt(1 + alpha * x^2)",
        "1 if x >= 0 else (1 + alpha * x^2)^(-3/2)",
        "(-1, inf)",
        "none",
        "B. Carlile et al., arXiv:1710.09967.",
    };
    static constexpr Parameters parameters = takes(moderate("alpha", 1.0));

    template <class V>
    NONLIN_FN static V value(V x, V alpha) {
        return select(x < V(0.0), isru::value(x, alpha), x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha) {
        return select(x >= V(0.0), V(1.0), isru::derivative(x, alpha));
    }
};

}  // namespace nonlin
