// max(x, 0), cut at 6
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct relu6 {
    static constexpr About about = {
        "Rectified linear unit, cut at 6.",
        "",
        "min(max(x, 0), 6)",
        "1 if 0 < x < 6 else 0",
        "[0, 6]",
        "0 at 0 and at 6",
        "A. Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        return minimum(V(6.0), maximum(V(0.0), x)) + V(0.0);
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return unless_nan(x, select((x > V(0.0)) & (x < V(6.0)), V(1.0), V(0.0)));
    }
};

}  // namespace nonlin
