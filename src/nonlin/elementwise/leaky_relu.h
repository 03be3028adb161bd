// x, or a small slope times x below 0
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct leaky_relu {
    static constexpr About about = {
        "Leaky rectified linear unit.",
        "leakyRelu",
        "x if x >= 0 else negative_slope * x",
        "1 if x > 0 else negative_slope",
        "(-inf, inf)",
        "negative_slope at 0",
        "A. Maas, A. Hannun, A. Ng, ICML 2013.",
    };
    static constexpr Parameters parameters = takes(any_finite("negative_slope", 0.01));

    // 0.01 is no float32, 100 is: one operation, 0.5 ULP, subnormal results included.
    struct at_default {
        template <class V>
        NONLIN_FN static V value(V x) {
            return select(x < V(0.0), x / V(100.0), x);
        }
    };

    template <class V>
    NONLIN_FN static V value(V x, V negative_slope) {
        return select(x < V(0.0), line(negative_slope, x), x);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V negative_slope) {
        return unless_nan(x, select(x > V(0.0), V(1.0), negative_slope));
    }
};

}  // namespace nonlin
