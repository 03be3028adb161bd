// atan(a) for a >= 0, in two parts.
//
// atan(a) = c + atan(t) with (c, t) = (0, a), (pi/4, (a-1)/(a+1)) or (pi/2, -1/a), so that
// |t| <= tan(pi/8); atan(t) = t + t^3 P(t^2). Relative error before the final rounding: 2^-57 in
// two parts, 2^-33 for float32 data. Coefficients: tools/coefficients.py.
#pragma once

#include <nonlin/math/limits.h>
#include <nonlin/math/polynomial.h>

namespace nonlin {

template <class V>
NONLIN_FN Two<V> atan_of_positive(V x) {
    const V a = minimum(V(0x1p200), x);
    const auto small = a < V(0x1.a827999fcef32p-2);  // tan(pi/8)
    const auto large = a > V(0x1.3504f333f9de6p1);   // tan(3 pi/8)
    const Two<V> numerator =
        select(small, Two<V>(a), select(large, Two<V>(-1.0), exact_sum(a, V(-1.0))));
    const Two<V> denominator =
        select(small, Two<V>(1.0), select(large, Two<V>(a), exact_sum(a, V(1.0))));
    const Two<V> start =
        select(small, Two<V>(0.0),
               select(large, constant<V>(0x1.921fb54442d18p0, 0x1.1a62633145c07p-54),
                      constant<V>(0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55)));
    const Two<V> t = numerator / denominator;
    const V z = t.hi * t.hi;
    V p;
    if constexpr (V::extended) {
        p = polynomial(z, -0x1.5555554c30d27p-2, 0x1.99997b6215f1ap-3, -0x1.248a242a01099p-3,
                       0x1.c57d2c8184e97p-4, -0x1.614d4259fddep-4, 0x1.9db073cb2e498p-5);
        return start + mul_add(t.hi * z, p, t.hi);
    } else {
        p = polynomial(z, -0x1.5555555555555p-2, 0x1.9999999999954p-3, -0x1.249249248d891p-3,
                       0x1.c71c71c30b433p-4, -0x1.745d165f0603cp-4, 0x1.3b1392f3c0765p-4,
                       -0x1.110e898a2a167p-4, 0x1.e19a2fc86a7a8p-5, -0x1.ac7b38145e945p-5,
                       0x1.74e016389e932p-5, -0x1.1b37f82c6cdc6p-5, 0x1.0ad9afc8413cp-6);
        return start + Two<V>::quick_sum(t.hi, mul_add(t.hi * z, p, t.lo));
    }
}

}  // namespace nonlin
