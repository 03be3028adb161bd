// log(1 + e^(beta x)) / beta
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/log1p.h>
#include <nonlin/math/logistic.h>

namespace nonlin {

struct softplus {
    static constexpr About about = {
        "Smooth rectifier, exact: no linear cut.",
        "softPlus",
        "max(x, 0) + log1p(exp(-beta * |x|)) / beta",
        "1 / (1 + exp(-beta * x))",
        "(0, inf)",
        "none",
        "C. Dugas et al., NeurIPS 2000.",
    };
    static constexpr Parameters parameters = takes(moderate("beta", 1.0));

    template <class V>
    NONLIN_FN static V value(V x, V beta) {
        const Two<V> e = Logistic<V>(exact_product(beta, finite(x))).lifted;
        const Two<V> lifted_log = log1p_of_lifted(e, Two<V>(beta));
        if constexpr (V::extended) {
            return maximum(V(0.0), x) + lifted_log.hi;
        } else {
            const V above = rounded(Two<V>(finite(x)) + lowered(lifted_log));
            const V below = lowered(rounded(lifted_log));
            return select(x < V(0.0), below, select(x > finite(x), x, above));
        }
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V beta) {
        return sigmoid_of<V>(exact_product(beta, finite(x)));
    }
};

}  // namespace nonlin
