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
            const SingleSigmoid<V> y(maximum(V(-110.0), minimum(V(30.0), x)));
            return mul_add(y.q, y.rest, y.q) * V(0x1p-64);
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
