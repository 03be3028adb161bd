// -log(1 + e^-x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/log1p.h>
#include <nonlin/math/logistic.h>

namespace nonlin {

struct log_sigmoid {
    static constexpr About about = {
        "Logarithm of the logistic function.",
        "logsigmoid log_expit",
        "min(x, 0) - log1p(exp(-|x|))",
        "1 / (1 + exp(x))",
        "(-inf, 0)",
        "none",
        "Negative of softplus(-x).",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        const Two<V> lifted_log = log1p_of_lifted(Logistic<V>(Two<V>(x)).lifted, Two<V>(1.0));
        if constexpr (V::extended) {
            return minimum(V(-0.0), x) - lifted_log.hi;
        } else {
            const V below = rounded(Two<V>(x) - lowered(lifted_log));
            const V above = -lowered(rounded(lifted_log));
            return select(x < V(0.0), select(x < V(-800.0), x, below), above);
        }
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return sigmoid_of<V>(-x);
    }
};

}  // namespace nonlin
