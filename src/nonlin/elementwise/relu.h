// max(x, 0)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct relu {
    static constexpr About about = {
        "Rectified linear unit.",
        "",
        "max(x, 0)",
        "1 if x > 0 else 0",
        "[0, inf)",
        "0 at 0",
        "V. Nair, G. Hinton, ICML 2010.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        return maximum(V(0.0), x) + V(0.0);  // + 0 turns -0 into +0
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return select(x > V(0.0), V(1.0), select(x <= V(0.0), V(0.0), x));
    }
};

}  // namespace nonlin
