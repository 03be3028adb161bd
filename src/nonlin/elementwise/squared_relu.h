// max(x, 0)^2
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct squared_relu {
    static constexpr About about = {
        "Square of the rectified linear unit.",
        "relu2",
        "max(x, 0)^2",
        "2 max(x, 0)",
        "[0, inf)",
        "none",
        "D. So et al., Primer, NeurIPS 2021, arXiv:2109.08668.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        return squared(maximum(V(0.0), x));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const V y = maximum(V(0.0), x) + V(0.0);
        return y + y;
    }
};

}  // namespace nonlin
