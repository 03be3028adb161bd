// leaky_relu, cut at 6
#pragma once

#include <nonlin/about.h>
#include <nonlin/elementwise/leaky_relu.h>

namespace nonlin {

struct leaky_relu6 {
    static constexpr About about = {
        "Leaky rectified linear unit, cut at 6.",
        "",
        "min(x if x >= 0 else negative_slope * x, 6)",
        "0 where the value is 6, else 1 if x > 0 else negative_slope",
        "(-inf, 6]",
        "negative_slope at 0, 0 at 6",
        "relu6 and leaky_relu combined.",
    };
    static constexpr Parameters parameters =
        takes(any_finite("negative_slope", leaky_relu::parameters.list[0].fallback));

    struct at_default {
        template <class V>
        NONLIN_FN static V value(V x) {
            return minimum(V(6.0), leaky_relu::at_default::value(x));
        }
    };

    template <class V>
    NONLIN_FN static V value(V x, V negative_slope) {
        return minimum(V(6.0), leaky_relu::value(x, negative_slope));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V negative_slope) {
        const V slope = leaky_relu::derivative(x, negative_slope);
        // From 6, rounded once, so that the sign is right where the value rounds to 6.
        const V below_zero = mul_add(negative_slope, x, V(-6.0));
        const V excess = select(x < V(0.0), below_zero, x - V(6.0));
        return select(excess >= V(0.0), V(0.0), slope);
    }
};

}  // namespace nonlin
