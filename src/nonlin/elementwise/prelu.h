// leaky_relu whose slope is learned
#pragma once

#include <nonlin/about.h>
#include <nonlin/elementwise/leaky_relu.h>

namespace nonlin {

struct prelu {
    static constexpr About about = {
        "Parametric rectified linear unit: leaky_relu with a learned, broadcast slope.",
        "",
        "x if x >= 0 else negative_slope * x",
        "1 if x > 0 else negative_slope",
        "(-inf, inf)",
        "negative_slope at 0",
        "K. He, X. Zhang, S. Ren, J. Sun, ICCV 2015, arXiv:1502.01852.",
    };
    static constexpr Parameters parameters = takes(any_finite("negative_slope", 0.25));

    template <class V>
    NONLIN_FN static V value(V x, V negative_slope) {
        return leaky_relu::value(x, negative_slope);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V negative_slope) {
        return leaky_relu::derivative(x, negative_slope);
    }
};

}  // namespace nonlin
