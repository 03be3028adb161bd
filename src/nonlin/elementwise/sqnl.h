// two parabolas, cut at -2 and 2
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct sqnl {
    static constexpr About about = {
        "Square nonlinearity: a sigmoid of two parabolas.",
        "",
        "x - x |x| / 4 if |x| <= 2 else sign(x)",
        "1 - |x| / 2 if |x| <= 2 else 0",
        "[-1, 1]",
        "none",
        "A. Wuraola, N. Patel, IJCNN 2018.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        const V inside = within(x, 2.0);
        return rounded_product(inside, exact_sum(V(1.0), V(-0.25) * magnitude(inside)));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return V(1.0) - V(0.5) * magnitude(within(x, 2.0));
    }
};

}  // namespace nonlin
