// x moved towards 0
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct soft_shrink {
    static constexpr About about = {
        "Soft thresholding.",
        "softshrink",
        "x - threshold if x > threshold else x + threshold if x < -threshold else 0",
        "1 if |x| > threshold else 0",
        "(-inf, inf)",
        "0 at -threshold and threshold",
        "D. Donoho, I. Johnstone, Biometrika 81, 1994.",
    };
    static constexpr Parameters parameters = takes(not_negative("threshold", 0.5));

    template <class V>
    NONLIN_FN static V value(V x, V threshold) {
        const V moved = magnitude(x) - threshold;
        return select(magnitude(x) <= threshold, V(0.0), select(x < V(0.0), -moved, moved));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V threshold) {
        return unless_nan(x, select(magnitude(x) > threshold, V(1.0), V(0.0)));
    }
};

}  // namespace nonlin
