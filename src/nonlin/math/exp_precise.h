// c + e^y where the two nearly cancel: the error is 2^-125 of e^y, and 2^-131 of e^y - 1 where
// |y| < 0.34. float64 lanes only, and many times slower than exp.h: for use behind a branch.
#pragma once

#include <nonlin/math/polynomial.h>
#include <nonlin/math/three.h>

namespace nonlin {

// y = n ln2 + 2^10 r; e^r - 1 from Taylor's series, squared up: (1 + m)^2 - 1 = m (2 + m). The sum
// of 2^n and c comes first, so that for n = 0 and c = -1 + ... the two ones vanish. |y| up to 60.
template <class V>
NONLIN_FN Three<V> precise_exponential_plus(Three<V> c, Two<V> y) {
    const V shifted = mul_add(y.hi, V(0x1.71547652b82fep0), V(V::shifter));
    const V n = shifted - V(V::shifter);
    // ln2 in three parts; the first two products are exact, and the first difference.
    const V left = neg_mul_add(n, V(0x1.62e42fefap-1), y.hi);
    const Three<V> product = {n * V(-0x1.cf79abc9ep-40), n * V(-0x1.d9cc01f97b57ap-79), V(0.0)};
    const Three<V> r = scaled(Three<V>({left, y.lo}) + product, V(0x1p-10));
    // e^r - 1 = r (1 + r (1/2! + r (1/3! + ...)))
    const V tail = polynomial(r.hi, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800);
    const Two<V> series =
        in_two_parts<V>(first_two(r), tail, 0x1.5555555555555p-3, 0x1.5555555555555p-57,
                        0x1.5555555555555p-5, 0x1.5555555555555p-59, 0x1.1111111111111p-7,
                        0x1.1111111111111p-63, 0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65);
    const Three<V> one = Two<V>(1.0), half = Two<V>(0.5), two = Two<V>(2.0);
    Three<V> m = r * (one + r * (half + r * Three<V>(series)));
    for (int doubling = 0; doubling < 10; ++doubling) m = m * (two + m);
    const V power = power_of_two(shifted, 0);
    return (c + Three<V>(Two<V>(power))) + scaled(m, power);
}

}  // namespace nonlin
