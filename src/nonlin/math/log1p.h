// log(1 + u).
//
// With s = u / (2 + u), log(1 + u) = 2 atanh(s) = 2 s + s^3 P(s^2). Relative error before the final
// rounding: 2^-57 in two parts, 2^-31 for float32 data. Coefficients: tools/coefficients.py.
#pragma once

#include <nonlin/math/limits.h>
#include <nonlin/math/polynomial.h>

namespace nonlin {

// 2 atanh(s), s in [-1/3, 1/3]; s may be given times a scale, z is s^2 without it.
template <class V>
NONLIN_FN Two<V> twice_atanh(Two<V> s, V z) {
    V p;
    if constexpr (V::extended) {
        p = polynomial(z, 0x1.5555558e69069p-1, 0x1.9998d270e2d9ep-2, 0x1.24c98539af19ap-2,
                       0x1.bc82432b5ede3p-3, 0x1.dbd2c9f039ba2p-3);
        return mul_add(s.hi * z, p, s.hi + s.hi);
    } else {
        p = polynomial(z, 0x1.5555555555555p-1, 0x1.999999999a406p-2, 0x1.24924923d1d5ap-2,
                       0x1.c71c72730ce6ap-3, 0x1.745cf05dc180fp-3, 0x1.3b18bb0df36f8p-3,
                       0x1.10abf40837de2p-3, 0x1.eb996c35126ddp-4, 0x1.684ede63dee4fp-4,
                       0x1.4b35cef6a80f8p-3);
        const V two_s = s.hi + s.hi;
        return Two<V>::quick_sum(two_s, mul_add(s.hi * z, p, s.lo + s.lo));
    }
}

// log(1 + u) / divisor for u in [0, 1] and divisor > 0. u is given lifted, and so is the result.
template <class V>
NONLIN_FN Two<V> log1p_of_lifted(Two<V> lifted_u, Two<V> divisor) {
    const Two<V> u = lowered(lifted_u);
    const Two<V> s = lifted_u / ((Two<V>(2.0) + u) * divisor);  // s / divisor
    const V plain = lowered(s.hi) * divisor.hi;
    return twice_atanh(s, plain * plain);
}

// log(1 + 2^more w) for any w > -1, given 1 + w too; more is 0 where w is small enough for the 1 to
// count.
template <class V>
NONLIN_FN Two<V> log1p(Two<V> w, Two<V> given, V more) {
    // Away from the ends of the exponent's range first.
    const V away =
        select(given.hi > V(0x1p900), V(-200.0), select(given.hi < V(0x1p-900), V(200.0), V(0.0)));
    const Two<V> sum = scaled(given, power_of_two(V(V::shifter) + away, 0));
    // sum = 2^k m with m in [sqrt(1/2), sqrt(2)); where k = 0, m - 1 is w, every digit of it.
    V k = exponent(sum.hi);
    const V too_big = sum.hi * power_of_two(V(V::shifter) - k, 0);
    k = select(too_big > V(0x1.6a09e667f3bcdp0), k + V(1.0), k);
    const V down = power_of_two(V(V::shifter) - k, 0);
    const Two<V> reduced = scaled(sum, down) - Two<V>(1.0);
    const Two<V> f = select((k == V(0.0)) & (away == V(0.0)), w, reduced);
    const Two<V> s = f / (Two<V>(2.0) + f);
    const Two<V> log_m = twice_atanh(s, s.hi * s.hi);
    return constant<V>(0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56) * (k - away + more) + log_m;
}

}  // namespace nonlin
