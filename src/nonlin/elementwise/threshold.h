// x above a threshold, a constant elsewhere
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct threshold {
    static constexpr About about = {
        "Identity above a threshold, a constant elsewhere.",
        "",
        "x if x > threshold else value",
        "1 if x > threshold else 0",
        "[0, inf)",
        "0 at the threshold",
        "PyTorch.",
    };
    static constexpr Parameters parameters =
        takes(any_number("threshold", 0.0), any_number("value", 0.0));

    template <class V>
    NONLIN_FN static V value(V x, V at_most, V constant) {
        return select(x <= at_most, constant, x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V at_most, V) {
        return unless_nan(x, select(x > at_most, V(1.0), V(0.0)));
    }
};

}  // namespace nonlin
