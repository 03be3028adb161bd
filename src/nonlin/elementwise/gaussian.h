// e^(-x^2)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>

namespace nonlin {

struct gaussian {
    static constexpr About about = {
        "Gaussian bell.",
        "",
        "exp(-x^2)",
        "-2 x exp(-x^2)",
        "(0, 1]",
        "none",
        "D. Broomhead, D. Lowe, Complex Systems 2, 1988.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static Exponential<V> bell(V x) {
        return exponential_of(-exact_product(x, x));
    }

    template <class V>
    NONLIN_FN static V value(V x) {
        return lowered(bell(within(x, 40.0)).rounded_lifted());
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const V bounded = within(x, 40.0);
        return lowered(rounded_product(V(-2.0) * bounded, bell(bounded).lifted()));
    }
};

}  // namespace nonlin
