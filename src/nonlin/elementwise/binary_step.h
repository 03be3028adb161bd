// 1 above a threshold, 0 elsewhere
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct binary_step {
    static constexpr About about = {
        "Threshold unit.",
        "heaviside step",
        "1 if x > threshold else 0",
        "0",
        "{0, 1}",
        "0 at the threshold",
        "W. McCulloch, W. Pitts, Bull. Math. Biophys. 5, 1943; F. Rosenblatt, Psychological Review "
        "65, 1958.",
    };
    static constexpr Parameters parameters = takes(any_number("threshold", 0.0));

    template <class V>
    NONLIN_FN static V value(V x, V threshold) {
        return unless_nan(x, select(x > threshold, V(1.0), V(0.0)));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V) {
        return unless_nan(x, V(0.0));
    }
};

}  // namespace nonlin
