// e^x
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>

namespace nonlin {

struct exponential {
    static constexpr About about = {
        "Exponential function.", "exp", "exp(x)", "exp(x)", "(0, inf)", "none",
        "J. Bernoulli, 1683.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        return exp_times<V>(x, Two<V>(1.0));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return value(x);
    }
};

} // namespace nonlin
