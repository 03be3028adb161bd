// the rectifier with slope, ceiling and threshold
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct general_relu {
    static constexpr About about = {
        "Rectifier with a slope below a threshold and a ceiling.",
        "",
        "min(x, max_value) if x >= threshold else negative_slope * (x - threshold)",
        "negative_slope if x <= threshold else 0 if x >= max_value else 1",
        "[0, inf)",
        "negative_slope at the threshold, 0 at max_value",
        "The relu of Keras.",
    };
    static constexpr Parameters parameters =
        takes(any_finite("negative_slope", 0.0), any_number("max_value", infinity),
              any_finite("threshold", 0.0));

    template <class V>
    NONLIN_FN static V value(V x, V negative_slope, V max_value, V threshold) {
        const auto flat = negative_slope == V(0.0);
        const V below = select(flat, V(0.0), negative_slope * (x - threshold));
        return select(x < threshold, below, minimum(max_value, x));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V negative_slope, V max_value, V threshold) {
        const V above = select((x < max_value) | (max_value == V(infinity)), V(1.0), V(0.0));
        return unless_nan(x, select(x > threshold, above, negative_slope));
    }
};

}  // namespace nonlin
