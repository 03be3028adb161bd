// x sigmoid(2 u), the tanh form of gelu
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/logistic.h>

namespace nonlin {

struct gelu_tanh {
    static constexpr About about = {
        "Gaussian error linear unit, tanh approximation.",
        "gelu_new",
        "x / (1 + exp(-2 u)) with u = sqrt(2 / pi) * (x + 0.044715 x^3)",
        "sigmoid(2 u) + 2 x u' sigmoid'(2 u)",
        "[-0.1700, inf)",
        "none",
        "D. Hendrycks, K. Gimpel, arXiv:1606.08415.",
    };
    static constexpr Parameters parameters = no_parameters();

    // sqrt(8 / pi), 0.044715 and three times that
    template <class V>
    NONLIN_FN static Two<V> rate() {
        return constant<V>(0x1.9884533d43651p0, -0x1.cbc0d30ebfd15p-54);
    }
    template <class V>
    NONLIN_FN static Two<V> cubic() {
        return constant<V>(0x1.6e4e26d4801f7p-5, 0x1.441355475a31ap-59);
    }
    template <class V>
    NONLIN_FN static Two<V> cubic3() {
        return constant<V>(0x1.12ba9d1f60179p-3, 0x1.f30e7ff583a54p-57);
    }

    template <class V>
    NONLIN_FN static Two<V> with_cube(Two<V> square, Two<V> coefficient) {
        return mul_add(square, coefficient, Two<V>(1.0));
    }

    template <class V>
    NONLIN_FN static V value(V x) {
        const V bounded = within(x, 40.0);
        const Two<V> square = exact_product(bounded, bounded);
        return times_sigmoid(x, with_cube(square, cubic<V>()) * (rate<V>() * bounded));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const V bounded = within(x, 40.0);
        const Two<V> square = exact_product(bounded, bounded);
        const Two<V> root = constant<V>(-0x1.81429f9e97e4dp-1, 0x1.4f523ed77dbdcp-55);
        const Two<V> linear = rate<V>() * bounded;
        const Two<V> w = with_cube(square, cubic<V>()) * linear;
        const Two<V> v = with_cube(square, cubic3<V>()) * linear;
        // Differences from the root: a^3 - b^3 = (a - b) (a^2 + a b + b^2), all terms positive for
        // x < 0.
        const Two<V> from_root = Two<V>(bounded) - root;
        const Two<V> sum = mul_add(root, root + Two<V>(bounded), square);
        const Two<V> step = rate<V>() * from_root;
        return times_sigmoid_slope(w, v, with_cube(sum, cubic<V>()) * step,
                                   with_cube(sum, cubic3<V>()) * step,
                                   constant<V>(0x1.2af64e9c485eep-2, -0x1.3ca470b477afcp-57));
    }
};

}  // namespace nonlin
