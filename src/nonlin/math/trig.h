// sin and cos of any float64 number, in two parts, right to 2^-57 relatively near every zero.
//
// x = k pi/2 + r, |r| <= pi/4, with r in two parts whose error is below 2^-100 |r|: below 2^20 by
// subtracting k times pi/2 in four parts (W. Cody, W. Waite), above by M. Payne and R. Hanek's
// method (SIGNUM 18, 1983), where x times 2/pi is formed modulo 4 from the digits that matter.
// float32 data takes the float64 path there, and one part with shorter polynomials (2^-35)
// otherwise. Coefficients: tools/coefficients.py.
#pragma once

#include <nonlin/math/polynomial.h>
#include <nonlin/math/two_over_pi.h>

namespace nonlin {

// The nearest integer: of |a| below 2^51, and of any a.
template <class V>
NONLIN_FN V nearest(V a) {
    return (a + V(V::shifter)) - V(V::shifter);
}
template <class V>
NONLIN_FN V nearest_of_any(V a) {
    const V shift = with_sign(V(0x1p52), a);
    return select(magnitude(a) < V(0x1p52), (a + shift) - shift, a);
}
// a minus the nearest multiple of 4, likewise.
template <class V>
NONLIN_FN V modulo_four(V a) {
    return neg_mul_add(nearest(a * V(0.25)), V(4.0), a);
}
template <class V>
NONLIN_FN V modulo_four_of_any(V a) {
    return neg_mul_add(nearest_of_any(a * V(0.25)), V(4.0), a);
}

template <class V>
struct Quadrant {
    V k;  // modulo 4: -2, -1, 0, 1 or 2
    Two<V> r;
};

// a >= 0, below 2^20
template <class V>
NONLIN_FN Quadrant<V> reduced_small(V a) {
    const V k = nearest(a * V(0x1.45f306dc9c883p-1));
    const V first = neg_mul_add(k, V(0x1.921fb544p0), a);   // exact
    Two<V> r = exact_sum(first, k * V(-0x1.0b4611a6p-34));  // exact
    r = r + exact_product(k, V(-0x1.3198a2ep-69));
    r = r + exact_product(k, V(-0x1.b839a252049c1p-104));
    return {modulo_four(k), r};
}

// a >= 1; NaN for an infinite a
template <class V>
NONLIN_FN Quadrant<V> reduced_large(V a) {
    // a = m 2^(8 row), 1/2 <= m < 2^8; rounding to nearest of (e - 3.5) / 8 is floor(e / 8).
    const V row = nearest((exponent(a) - V(3.5)) * V(0.125));
    const V m = a * power_of_two(mul_add(row, V(-8.0), V(V::shifter)), 0);
    const V index = mul_add(row, V(4.0), V(V::shifter));
    const V c0 = lookup(two_over_pi, index, 10);
    const V c1 = lookup(two_over_pi + 1, index, 10);
    const V c2 = lookup(two_over_pi + 2, index, 10);
    const V c3 = lookup(two_over_pi + 3, index, 10);
    // Multiples of 4 are dropped at once; the first three sums are exact.
    const Two<V> p0 = exact_product(m, c0);
    const Two<V> p1 = exact_product(m, c1);
    const Two<V> sum =
        exact_sum(modulo_four_of_any(p0.hi) + modulo_four(p0.lo), modulo_four(p1.hi));
    const V k = nearest(sum.hi);
    Two<V> turns = exact_sum(sum.hi - k, sum.lo);
    turns = turns + Two<V>(p1.lo);
    turns = turns + exact_product(m, c2);
    turns = turns + Two<V>(m * c3);
    return {modulo_four(k), turns * constant<V>(0x1.921fb54442d18p0, 0x1.1a62633145c07p-54)};
}

template <class V>
NONLIN_FN Quadrant<V> reduced(V a) {
    Quadrant<V> q = reduced_small(a);
    const auto large = a >= V(0x1p20);
    if (any(large)) {
        const Quadrant<typename V::precise> far =
            reduced_large(maximum(typename V::precise(1.0), a.to_precise()));
        q.k = select(large, V::from_precise(far.k), q.k);
        if constexpr (V::extended) {
            q.r = select(large, Two<V>(V::from_precise(rounded(far.r))), q.r);
        } else {
            q.r = select(large, far.r, q.r);
        }
    }
    return q;
}

template <class V>
NONLIN_FN Two<V> sin_near_zero(Two<V> r) {
    const V z = r.hi * r.hi;
    if constexpr (V::extended) {
        const V p = polynomial(z, -0x1.5555555450848p-3, 0x1.11110dd0a25fdp-7,
                               -0x1.a0138043ccba7p-13, 0x1.6db1b978701f8p-19);
        return mul_add(r.hi * z, p, r.hi);
    } else {
        const V p = polynomial(z, -0x1.5555555555555p-3, 0x1.111111111111p-7, -0x1.a01a01a0198dp-13,
                               0x1.71de3a54542abp-19, -0x1.ae6453fd97de7p-26, 0x1.61216e86d9751p-33,
                               -0x1.ab0e3a75aec78p-41);
        const V low = r.lo * mul_add(z, V(-0.5), V(1.0));
        return Two<V>::quick_sum(r.hi, mul_add(r.hi * z, p, low));
    }
}

template <class V>
NONLIN_FN Two<V> cos_near_zero(Two<V> r) {
    const Two<V> z = r * r;
    V p;
    if constexpr (V::extended) {
        p = polynomial(z.hi, 0x1.55555554feb84p-5, -0x1.6c16bf42098fp-10, 0x1.a015abe023612p-16,
                       -0x1.251c861df9223p-22);
    } else {
        p = polynomial(z.hi, 0x1.5555555555555p-5, -0x1.6c16c16c16c16p-10, 0x1.a01a01a019cdep-16,
                       -0x1.27e4fb770d8e5p-22, 0x1.1eed8de28c0e1p-29, -0x1.9394abe3bebb1p-37,
                       0x1.ab7019dddf8d9p-45);
    }
    return neg_mul_add(z, V(0.5), Two<V>(1.0)) + Two<V>(z.hi * z.hi * p);
}

// The sine, `quarter` quarter turns ahead, of a reduced argument whose own sine and cosine are
// given: sin x for quarter = 0, cos x for quarter = 1.
template <class V>
NONLIN_FN Two<V> sin_ahead(V quadrant, double quarter, Two<V> sin_r, Two<V> cos_r) {
    const V k = modulo_four(quadrant + V(quarter));
    const auto odd = magnitude(k) == V(1.0);
    const auto minus = (k == V(-1.0)) | (magnitude(k) == V(2.0));
    return scaled(select(odd, cos_r, sin_r), select(minus, V(-1.0), V(1.0)));
}
template <class V>
NONLIN_FN Two<V> sin_ahead(const Quadrant<V>& q, double quarter) {
    return sin_ahead(q.k, quarter, sin_near_zero(q.r), cos_near_zero(q.r));
}

}  // namespace nonlin
