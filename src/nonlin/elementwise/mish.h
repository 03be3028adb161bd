// x tanh(softplus(x))
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>

namespace nonlin {

struct mish {
    static constexpr About about = {
        "Self-gated unit: x times tanh of softplus.",
        "",
        "x * tanh(log(1 + exp(x)))",
        "tanh(s) + x sigmoid(x) (1 - tanh(s)^2) with s = log(1 + exp(x))",
        "[-0.3088, inf)",
        "none",
        "D. Misra, BMVC 2020, arXiv:1908.08681.",
    };
    static constexpr Parameters parameters = no_parameters();

    template <class V>
    NONLIN_FN static V value(V x) {
        const Two<V> lifted = exponential_of(Two<V>(-magnitude(x))).lifted();
        const Two<V> e = lowered(lifted);
        // x < 0: e (2 + e) / (2 + 2 e + e^2); x > 0: (1 + 2 e) / (1 + 2 e + 2 e^2)
        const auto negative = x < V(0.0);
        const Two<V> a = select(negative, V(2.0), V(1.0));
        const V b = select(negative, V(1.0), V(2.0));
        const Two<V> eb = scaled(e, b);
        const Two<V> numerator = a + eb;
        const Two<V> ratio = select(negative, lifted * numerator, numerator);
        return gated(x, negative, ratio / mul_add(e, Two<V>(2.0) + eb, a));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const V bounded = within(x, 900.0);
        const auto negative = bounded < V(0.0);
        const Two<V> from_root =
            Two<V>(bounded) + constant<V>(0x1.31432c0d12d84p0, 0x1.bf319154da21p-55);
        const Exponential<V> power = exponential_of(select(negative, from_root, Two<V>(-bounded)));
        const Two<V> grown = power.lifted();
        const Two<V> at_root = constant<V>(0x1.36c4202fc3eccp-2, 0x1.6d73a02f8d922p-56);
        const Two<V> lifted = select(negative, grown * at_root, grown);
        const Two<V> e = lowered(lifted);
        // Below 0: e N / (e^2 + 2 e + 2)^2, N = e^3 + 4 e^2 + 6 e + 4 + 4 x (1 + e), e = e^x. N
        // minus its value at the root r is a sum of two terms of one sign, with factors e - e^r and
        // x - r.
        const Two<V> from_e = at_root * power.minus_one();
        const Two<V> quadratic =
            mul_add(e, e + constant<V>(0x1.136c4202fc3edp2, -0x1.d2518bfa0e4dcp-53),
                    constant<V>(0x1.44a5b49f64236p1, 0x1.ce17cc6c2969cp-53));
        const Two<V> from_4x = scaled(from_root, V(4.0));
        const Two<V> left = lifted * mul_add(from_e, quadratic, mul_add(e, from_4x, from_4x));
        const Two<V> left_base = mul_add(e, Two<V>(2.0) + e, Two<V>(2.0));
        // Above 0: (1 + 4 e + (4 x + 6) e^2 + 4 (x + 1) e^3) / (1 + 2 e + 2 e^2)^2 with e = e^-x.
        const Two<V> x4 = Two<V>(V(4.0) * bounded);
        const Two<V> right =
            mul_add(e, mul_add(e, mul_add(e, x4 + Two<V>(4.0), x4 + Two<V>(6.0)), Two<V>(4.0)),
                    Two<V>(1.0));
        const Two<V> twice = scaled(e, V(2.0));
        const Two<V> right_base = mul_add(twice, e, one_plus(twice));
        const V y = rounded(select(negative, left, right) /
                            squared(select(negative, left_base, right_base)));
        return lowered_where(negative, signed_if_zero(from_root.hi, y));
    }
};

}  // namespace nonlin
