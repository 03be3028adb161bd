// e^x
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>
#include <nonlin/math/exp_single.h>

namespace nonlin {

struct exponential {
    static constexpr About about = {
        "Exponential function.", "exp", "exp(x)", "exp(x)", "(0, inf)", "none",
        "J. Bernoulli, 1683.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        if constexpr (V::single) {
            // Lifted by 2^64 below 1; above, pressed down by 2 so that 2^128 is the final product.
            const V bounded = maximum(V(-105.0), minimum(V(89.0), x));
            const auto small = x < V(0.0);
            const SingleExponential<V> e(bounded, select(small, V(64.0), V(-1.0)));
            return mul_add(e.t, e.s + e.low, e.t) * select(small, V(0x1p-64), V(2.0));
        } else {
            return AnyExponential<V>(x).value();
        }
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return value(x);
    }
};

}  // namespace nonlin
