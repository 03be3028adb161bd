// 1 / (1 + e^-x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp_single.h>
#include <nonlin/math/logistic.h>

namespace nonlin {

struct sigmoid {
    static constexpr About about = {
        "Logistic function.",        "logistic expit", "1 / (1 + exp(-x))",
        "exp(-x) / (1 + exp(-x))^2", "(0, 1)",         "none",
        "P.-F. Verhulst, 1838.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        if constexpr (V::single) {
            // 1 / (1 + e^-x), lifted by 2^64 so that no step is subnormal; the denominator and the
            // quotient carry what their rounding left.
            const V bounded = maximum(V(-105.0), minimum(V(30.0), x));
            const SingleExponential<V> e(-bounded, V(-64.0));
            const V one = V(0x1p-64), s = e.s + e.low;
            const V grown = mul_add(e.t, s, e.t);
            const V grown_low = mul_add(e.t, s, e.t - grown);
            const V high = maximum(one, grown), low = minimum(one, grown);
            const V denominator = one + grown;
            const V denominator_low = ((high - denominator) + low) + grown_low;
            const V q = V(1.0) / denominator;
            const V rest = neg_mul_add(q, denominator_low, neg_mul_add(q, denominator, V(1.0)));
            return mul_add(q, rest, q) * one;
        } else {
            return sigmoid_of<V>(x);
        }
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const Logistic<V> s{Two<V>(x)};
        return lowered(rounded(s.lifted / squared(s.one_plus_e)));
    }
};

}  // namespace nonlin
