// hyperbolic tangent
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/tanh.h>

namespace nonlin {

struct tanh {
    static constexpr About about = {
        "Hyperbolic tangent.",
        "",
        "tanh(x) = 2 / (1 + exp(-2 x)) - 1",
        "1 - tanh(x)^2 = 4 exp(-2 |x|) / (1 + exp(-2 |x|))^2",
        "(-1, 1)",
        "none",
        "V. Riccati, 1757.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        return signed_as(x, rounded(tanh_of_magnitude<V>(x)));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return lowered(rounded(tanh_slope_lifted<V>(x)));
    }
};

} // namespace nonlin
