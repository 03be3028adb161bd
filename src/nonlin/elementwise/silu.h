// x sigmoid(beta x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp_single.h>
#include <nonlin/math/logistic.h>

namespace nonlin {

struct silu {
    static constexpr About about = {
        "Sigmoid linear unit.",
        "swish sil",
        "x / (1 + exp(-beta * x))",
        "(1 + e + beta * x * e) / (1 + e)^2 with e = exp(-beta * x)",
        "[-0.2785, inf)",
        "none",
        "D. Hendrycks, K. Gimpel, arXiv:1606.08415; P. Ramachandran, B. Zoph, Q. Le, "
        "arXiv:1710.05941.",
    };
    static constexpr Parameters parameters = takes(moderate_signed("beta", 1.0));

    // float32 data and beta = 1: in float32 lanes. Above 30 the result is x.
    struct at_default {
        template <class V>
        NONLIN_FN static V value(V x) {
            const V bounded = maximum(V(-110.0), minimum(V(30.0), x));
            const SingleSigmoid<V> s(bounded);
            const V y = mul_add(bounded, s.q, bounded * (s.q * s.rest)) * V(0x1p-64);
            return select(x > V(30.0), x, y);
        }
    };

    // The derivative as a function of u = beta x, and of u's distance from its root, -1.27846...
    template <class V>
    NONLIN_FN static V slope(Two<V> u, Two<V> from_root) {
        return times_sigmoid_slope(u, u, from_root, from_root,
                                   constant<V>(0x1.1d25cf210482ep-2, -0x1.ca2d0d94faaecp-60));
    }
    template <class V>
    NONLIN_FN static V slope(Two<V> u) {
        u = within(u, 900.0);
        return slope(u, u + constant<V>(minus_root, minus_root_low));
    }

    template <class V>
    NONLIN_FN static V value(V x, V beta) {
        return times_sigmoid(x, exact_product(beta, finite(x)));
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V beta) {
        // x may be so close to the root that what u or the root leave in one more part counts.
        const V bounded = finite(x);
        const Two<V> u = within(exact_product(beta, bounded), 900.0);
        if constexpr (V::extended) {
            return slope<V>(u, mul_add(beta, bounded, V(minus_root)) + V(minus_root_low));
        } else {
            const Two<V> from_root = u + constant<V>(minus_root, minus_root_low);
            return slope(u, from_root + Two<V>(V(0x1.44a50180ba78p-108)));
        }
    }

private:
    static constexpr double minus_root = 0x1.474973c84120bp0,
                            minus_root_low = 0x1.f8d74bc9ac154p-54;
};

}  // namespace nonlin
