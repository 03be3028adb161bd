// x outside a band, 0 inside
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct hard_shrink {
    static constexpr About about = {
        "Hard thresholding.",
        "hardshrink",
        "x if |x| > threshold else 0",
        "1 if |x| > threshold else 0",
        "(-inf, inf)",
        "0 at -threshold and threshold",
        "D. Donoho, I. Johnstone, Biometrika 81, 1994.",
    };
    static constexpr Parameters parameters = takes(not_negative("threshold", 0.5));

    template <class V>
    NONLIN_FN static V value(V x, V threshold) {
        return select(magnitude(x) <= threshold, V(0.0), x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V threshold) {
        return unless_nan(x, select(magnitude(x) > threshold, V(1.0), V(0.0)));
    }
};

}  // namespace nonlin
