// a line, cut to [0, 1]
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>

namespace nonlin {

struct hard_sigmoid {
    static constexpr About about = {
        "Sigmoid made of three straight lines.",
        "hardsigmoid",
        "min(max(alpha * x + beta, 0), 1)",
        "alpha if 0 < alpha * x + beta < 1 else 0",
        "[0, 1]",
        "0 at both edges",
        "M. Courbariaux, Y. Bengio, J.-P. David, NeurIPS 2015; slope 1/6: A. Howard et al., "
        "MobileNetV3, 2019.",
    };
    static constexpr Parameters parameters =
        takes(moderate("alpha", 1.0 / 6.0), moderate_signed("beta", 0.5));

    struct at_default {
        // (x + 3) / 6, rounded once
        template <class V>
        NONLIN_FN static V value(V x) {
            const Two<V> six_y = exact_sum(maximum(V(-3.0), minimum(V(3.0), x)), V(3.0));
            const V low = mul_add(six_y.hi, V(-0x1.555556p-28), six_y.lo * V(0x1.555556p-3));
            return mul_add(six_y.hi, V(0x1.555556p-3), low);
        }
        template <class V>
        NONLIN_FN static V derivative(V x) {
            return unless_nan(x, select(magnitude(x) < V(3.0), V(1.0 / 6.0), V(0.0)));
        }
    };

    template <class V>
    NONLIN_FN static V value(V x, V alpha, V beta) {
        return minimum(V(1.0), maximum(V(0.0), line_above(x, alpha, Two<V>(beta))));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha, V beta) {
        const auto positive = (line_above(x, alpha, Two<V>(beta)) > V(0.0)) |
                              ((beta == V(0.0)) & (x > V(0.0)));  // the product may underflow
        const auto below_one = line_above(x, alpha, exact_sum(beta, V(-1.0))) < V(0.0);
        return unless_nan(x, select(positive & below_one, alpha, V(0.0)));
    }

private:
    // alpha x + offset, rounded once. The default alpha stands for the fraction 1/6, which no
    // float64 is: with what its rounding left, the edges lie at -3 and 3 exactly.
    template <class V>
    NONLIN_FN static V line_above(V x, V alpha, Two<V> offset) {
        const Two<V> product = exact_product(alpha, x), sum = product + offset;
        V y = sum.hi;
        if constexpr (!V::extended) {
            const V left = select(alpha == V(1.0 / 6.0), V(0x1.5555555555555p-57), V(0.0));
            y = y + (sum.lo + x * left);
        }
        return select(magnitude(product.hi) > V(0x1p200), product.hi, y);  // infinities
    }
};

}  // namespace nonlin
