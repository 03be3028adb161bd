// sin x
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/trig.h>

namespace nonlin {

struct sinusoid {
    static constexpr About about = {
        "Sine.",
        "sin",
        "sin(x)",
        "cos(x)",
        "[-1, 1]",
        "none",
        "J. Sopena, E. Romero, R. Alquezar, ICANN 1999.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        const V y = rounded(sin_ahead(reduced(magnitude(x)), 0.0));
        return select(x == V(0.0), x, select(x < V(0.0), -y, y));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return rounded(sin_ahead(reduced(magnitude(x)), 1.0));
    }
};

}  // namespace nonlin
