// e^y and e^y - 1 with both parts right, to 2^-103 relatively, for the few formulas that subtract
// it from something close. float64 lanes only; three times the cost of exp.h.
#pragma once

#include <nonlin/math/exp.h>

namespace nonlin {

// For |y| up to 500.
template <class V>
NONLIN_FN Exponential<V> precise_exponential_of(Two<V> y) {
    const V origin = V(V::shifter + 32.0 * lift<V>);
    const V shifted = mul_add(y.hi, V(0x1.71547652b82fep5), origin);
    const V n = shifted - origin;
    // ln2 / 32 in three parts; the first two products are exact.
    const V left = neg_mul_add(n, V(0x1.62e42fefap-6), y.hi);
    Two<V> r = exact_sum(left, n * V(-0x1.cf79abc9ep-45));
    r = r + Two<V>(n * V(-0x1.d9cc01f97b57ap-84)) + Two<V>(y.lo);
    // e^r - 1 = r (1 + r (1/2! + r (1/3! + ...)))
    const V tail =
        polynomial(r.hi, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600);
    const Two<V> series =
        in_two_parts<V>(r, tail, 1.0, 0.0, 0x1p-1, 0.0, 0x1.5555555555555p-3, 0x1.5555555555555p-57,
                        0x1.5555555555555p-5, 0x1.5555555555555p-59, 0x1.1111111111111p-7,
                        0x1.1111111111111p-63, 0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65,
                        0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73);
    Exponential<V> e;
    e.power = power_of_two(shifted, 5);
    e.start = {lookup(exp2_table_hi, shifted, 5), lookup(exp2_table_lo, shifted, 5)};
    e.rest = r * series;
    return e;
}

}  // namespace nonlin
