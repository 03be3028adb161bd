// hyperbolic tangent
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp_single.h>
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
        if constexpr (V::single) {
            // n / (2 - n) with n = 1 - e^(-2 |x|); n, the denominator and the quotient carry what
            // their rounding left.
            const V a = minimum(V(10.0), magnitude(x));
            const SingleExponential<V> e(V(-2.0) * a, V(0.0));
            const V one_minus_t = V(1.0) - e.t;
            const V lost = (V(1.0) - one_minus_t) - e.t;
            const V n = neg_mul_add(e.t, e.s, one_minus_t);
            const V s_low = ((e.r - e.s) + e.square_q) + e.low;
            const V n_low = neg_mul_add(e.t, s_low, neg_mul_add(e.t, e.s, one_minus_t - n) + lost);
            const V denominator = V(2.0) - n;
            const V denominator_low = ((V(2.0) - denominator) - n) - n_low;
            const V inverse = V(1.0) / denominator;
            const V q = n * inverse;
            const V rest = neg_mul_add(q, denominator, n) + neg_mul_add(q, denominator_low, n_low);
            return signed_as(x, mul_add(inverse, rest, q));
        } else {
            return signed_as(x, rounded(tanh_of_magnitude<V>(x)));
        }
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return lowered(rounded(tanh_slope_lifted<V>(x)));
    }
};

}  // namespace nonlin
