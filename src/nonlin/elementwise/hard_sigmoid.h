// a line, cut to [0, 1]
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct hard_sigmoid {
    static constexpr About about = {
        "Sigmoid made of three straight lines.",
        "hardsigmoid",
        "min(max(alpha * x + beta, 0), 1)",
        "alpha if 0 < alpha * x + beta < 1 else 0",
        "[0, 1]",
        "0 at both edges",
        "M. Courbariaux, Y. Bengio, J.-P. David, NeurIPS 2015; slope 1/6: A. Howard et al., "
        "MobileNetV3, 2019.",
    };
    static constexpr Parameters parameters =
        takes(positive("alpha", 1.0 / 6.0), any_finite("beta", 0.5));

    // alpha (x + beta / alpha) and not alpha x + beta: with alpha the float64 next to 1/6 the edges
    // -3 and 3 then give exactly 0 and 1.
    template <class V>
    NONLIN_FN static V value(V x, V alpha, V beta) {
        const V y = alpha * (x + beta / alpha);
        return minimum(V(1.0), maximum(V(0.0), y));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha, V beta) {
        const auto inside = (x > -beta / alpha) & (x < (V(1.0) - beta) / alpha);
        return unless_nan(x, select(inside, alpha, V(0.0)));
    }
};

}  // namespace nonlin
