// alpha tanh(beta x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/tanh.h>

namespace nonlin {

struct scaled_tanh {
    static constexpr About about = {
        "Scaled hyperbolic tangent.",
        "",
        "alpha * tanh(beta * x)",
        "alpha * beta * (1 - tanh(beta * x)^2)",
        "(-1.7159, 1.7159)",
        "none",
        "Y. LeCun, L. Bottou, G. Orr, K.-R. Mueller, Efficient BackProp, 1998.",
    };
    static constexpr Parameters parameters =
        takes(moderate_signed("alpha", 1.7159), moderate_signed("beta", 2.0 / 3.0));

    template <class V>
    NONLIN_FN static V value(V x, V alpha, V beta) {
        const Two<V> u = exact_product(beta, finite(x));
        // So close to 0 that beta x might underflow, f(x) is alpha beta x.
        const Two<V> slope = exact_product(raised(Two<V>(alpha)).hi, beta);
        const V near = lowered(rounded_product(x, slope));
        const V far = rounded_product(alpha, tanh_of_magnitude(u));
        const V y = select(magnitude(u.hi) < V(0x1p-60), near, far);
        return signed_as(sign_of(alpha) * sign_of(beta) * sign_of(x), y);
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha, V beta) {
        const Two<V> slope = tanh_slope_lifted(exact_product(beta, finite(x)));
        return signed_as(sign_of(alpha) * sign_of(beta),
                         lowered(rounded(slope * exact_product(alpha, beta))));
    }
};

}  // namespace nonlin
