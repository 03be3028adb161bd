// x sigmoid(1.702 x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/elementwise/silu.h>

namespace nonlin {

struct gelu_quick {
    static constexpr About about = {
        "Gaussian error linear unit, logistic approximation.",
        "quick_gelu",
        "x / (1 + exp(-1.702 x))",
        "silu's with beta = 1.702",
        "[-0.1636, inf)",
        "none",
        "D. Hendrycks, K. Gimpel, arXiv:1606.08415.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static Two<V> argument(V x) {
        return constant<V>(0x1.b3b645a1cac08p0, 0x1.89374bc6a7efap-55) * within(x, 1000.0);
    }

    template <class V>
    NONLIN_FN static V value(V x) {
        return times_sigmoid(x, argument(x));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return silu::slope(argument(x));
    }
};

}  // namespace nonlin
