// x / (1 + |x|)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct softsign {
    static constexpr About about = {
        "Sigmoid with algebraic tails.",
        "elliot",
        "x / (1 + |x|)",
        "1 / (1 + |x|)^2",
        "(-1, 1)",
        "none",
        "D. Elliott, 1993; J. Bergstra et al., 2009.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        const V bounded = within(x, 0x1p200);
        return signed_as(x, rounded(Two<V>(bounded) / exact_sum(V(1.0), magnitude(bounded))));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const V a = minimum(V(0x1p600), magnitude(x));
        return rounded(squared(Two<V>(1.0) / exact_sum(V(1.0), a)));
    }
};

}  // namespace nonlin
