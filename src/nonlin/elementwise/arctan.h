// inverse tangent
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/atan.h>

namespace nonlin {

struct arctan {
    static constexpr About about = {
        "Inverse tangent.",       "atan", "atan(x)", "1 / (1 + x^2)", "(-pi/2, pi/2)", "none",
        "The field's textbooks.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        return signed_as(x, rounded(atan_of_positive(magnitude(x))));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const V a = minimum(V(0x1p600), magnitude(x));
        const auto large = a > V(1.0);
        // Of a and 1/a the one below 1, squared: no overflow, no digit lost.
        const Two<V> q = squared(select(large, Two<V>(1.0) / Two<V>(a), Two<V>(a)));
        return rounded(select(large, q, Two<V>(1.0)) / one_plus(q));
    }
};

}  // namespace nonlin
