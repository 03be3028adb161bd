// (x + 1) / 2, cut to [0, 1]
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct sparse_sigmoid {
    static constexpr About about = {
        "Derivative of sparse_plus.",
        "",
        "min(max((x + 1) / 2, 0), 1)",
        "1/2 if -1 < x < 1 else 0",
        "[0, 1]",
        "0 at -1 and 1",
        "A. Martins, R. Astudillo, From Softmax to Sparsemax, ICML 2016, arXiv:1602.02068.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        return V(0.5) * (within(x, 1.0) + V(1.0));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return unless_nan(x, select(magnitude(x) < V(1.0), V(0.5), V(0.0)));
    }
};

}  // namespace nonlin
