// x, cut at both ends
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct hard_tanh {
    static constexpr About about = {
        "Identity cut to an interval.",
        "clip hardtanh",
        "min(max(x, min_value), max_value)",
        "1 if min_value < x < max_value else 0",
        "[-1, 1]",
        "0 at both ends",
        "R. Collobert, Large Scale Machine Learning, thesis, 2004.",
    };
    static constexpr Parameters parameters =
        takes_interval(any_number("min_value", -1.0), any_number("max_value", 1.0));

    template <class V>
    NONLIN_FN static V value(V x, V min_value, V max_value) {
        return minimum(max_value, maximum(min_value, x));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V min_value, V max_value) {
        const auto inside = (x > min_value) & (x < max_value);
        return unless_nan(x, select(inside, V(1.0), V(0.0)));
    }
};

}  // namespace nonlin
