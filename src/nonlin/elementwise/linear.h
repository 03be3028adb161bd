// slope x
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct linear {
    static constexpr About about = {
        "Straight line through the origin.",
        "identity",
        "slope * x",
        "slope",
        "(-inf, inf)",
        "none",
        "The identity; the textbook neuron without a nonlinearity.",
    };
    static constexpr Parameters parameters = takes(any_finite("slope", 1.0));

    template <class V>
    NONLIN_FN static V value(V x, V slope) {
        return line(slope, x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V slope) {
        return unless_nan(x, slope);
    }
};

}  // namespace nonlin
