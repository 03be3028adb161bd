// x above a threshold, 0 elsewhere
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct thresholded_relu {
    static constexpr About about = {
        "Rectifier that starts at a threshold.",
        "",
        "x if x > threshold else 0",
        "1 if x > threshold else 0",
        "{0} and (1, inf)",
        "0 at the threshold",
        "K. Konda, R. Memisevic, D. Krueger, ICLR 2015, arXiv:1402.3337.",
    };
    static constexpr Parameters parameters = takes(any_number("threshold", 1.0));

    template <class V>
    NONLIN_FN static V value(V x, V threshold) {
        return select(x <= threshold, V(0.0), x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V threshold) {
        return unless_nan(x, select(x > threshold, V(1.0), V(0.0)));
    }
};

}  // namespace nonlin
