// x hard_sigmoid(x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct hard_silu {
    static constexpr About about = {
        "Self-gated unit made of two lines and a parabola.",
        "hard_swish hardswish",
        "0 if x <= -3 else x if x >= 3 else x * (x + 3) / 6",
        "0 if x <= -3 else 1 if x >= 3 else (2 x + 3) / 6",
        "[-0.375, inf)",
        "0 at -3, 1 at 3",
        "A. Howard et al., Searching for MobileNetV3, ICCV 2019, arXiv:1905.02244.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static Two<V> sixth() {
        return constant<V>(0x1.5555555555555p-3, 0x1.5555555555555p-57);
    }

    template <class V>
    NONLIN_FN static V value(V x) {
        if constexpr (V::single) {
            // x gate, rounded once: the gate (x + 3) / 6 has two parts. From 3 on it is 1, and x
            // stays. As its second part is nowhere negative at 0, zeros keep their sign.
            const V above = maximum(V(-3.0), x);
            const Two<V> six = Two<V>::quick_sum(V(3.0), minimum(V(3.0), above));
            const V minus_gate = six.hi * V(-0x1.555556p-3);
            const V rounding = mul_add(six.hi, V(0x1.555556p-3), minus_gate);
            const V rest =
                mul_add(six.lo, V(0x1.555556p-3), mul_add(six.hi, V(-0x1.555554p-28), rounding));
            return neg_mul_add(above, minus_gate, above * rest);
        } else {
            const V inside = within(x, 3.0);
            const V y = rounded_product(inside, exact_sum(inside, V(3.0)) * sixth<V>());
            return select(x >= V(3.0), x, y);
        }
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const Two<V> twice = exact_sum(x + x, V(3.0));
        const V y = rounded(twice * sixth<V>());
        return select(x <= V(-3.0), V(0.0), select(x >= V(3.0), V(1.0), y));
    }
};

}  // namespace nonlin
