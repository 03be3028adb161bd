// x Phi(x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/normal.h>

namespace nonlin {

struct gelu {
    static constexpr About about = {
        "Gaussian error linear unit, exact.",
        "",
        "x * Phi(x) = x * erfc(-x / sqrt(2)) / 2",
        "Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi)",
        "[-0.1700, inf)",
        "none",
        "D. Hendrycks, K. Gimpel, arXiv:1606.08415.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        const NormalTail<V> tail(x);
        const Two<V> low = tail.lifted_probability();
        if constexpr (V::extended) {
            return neg_mul_add(tail.a, low.hi, maximum(V(-0.0), x));  // max(x, 0) - a Phi(-a)
        } else {
            const auto negative = x < V(0.0);
            const Two<V> gate = select(negative, low, Two<V>(1.0) - lowered(low));
            return gated(select(negative, -tail.a, x), negative, gate);
        }
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const Two<V> tail = NormalTail<V>(x).lifted_slope();
        const auto negative = x < V(0.0);
        return lowered_where(negative,
                             rounded(select(negative, tail, Two<V>(1.0) - lowered(tail))));
    }
};

}  // namespace nonlin
