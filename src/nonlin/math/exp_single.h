// e^y in float32 lanes, for the few functions that are worth a second formula.
//
// y = n ln2 / 8 + r; e^y = T (1 + s) with T = 2^(n/8) from a table of eight. Neither T nor 1 + s is
// multiplied out here: the relative error of the pair is below 2^-28, and the caller's last
// operation is the only one that rounds at full size. lift is a power of two that keeps T normal
// where e^y is not; one last multiplication takes it back. Coefficients: tools/coefficients.py.
#pragma once

#include <nonlin/fn.h>

namespace nonlin {

// 2^(j/8), with j / 8 of an exponent's step taken from its bits, where plus_exponent will add it;
// and what rounding left, relatively.
// clang-format off
NONLIN_TABLE float exp2_table_single[8] = {
    0x1p0f, 0x1.f72b84p-1f, 0x1.f06fep-1f, 0x1.ebfdaep-1f,
    0x1.ea09e6p-1f, 0x1.eace54p-1f, 0x1.ee89fap-1f, 0x1.f5818ep-1f,
};
NONLIN_TABLE float exp2_table_single_low[8] = {
    0x0p0f, -0x1.9c0c22p-27f, 0x1.125002p-25f, -0x1.0a355p-25f,
    0x1.26055cp-26f, 0x1.67a1cap-28f, -0x1.f9c304p-27f, -0x1.a5217cp-28f,
};
// clang-format on

// e^y 2^lift = t (1 + s + low)
template <class V>
struct SingleExponential {
    V t, s, low;
    V r, square_q;  // s = r + square_q, rounded

    NONLIN_FN SingleExponential(V y, V lift) {
        const V origin = mul_add(lift, V(8.0), V(V::shifter));
        const V shifted = mul_add(y, V(0x1.715476p3), origin);
        const V n = shifted - origin;
        // float(ln2 / 8) makes the first difference exact for every float32 y.
        r = neg_mul_add(n, V(-0x1.05c61p-32), neg_mul_add(n, V(0x1.62e43p-4), y));
        const V q = mul_add(r, mul_add(r, V(0x1.555adp-5), V(0x1.555c22p-3)), V(0.5));
        square_q = r * r * q;
        s = r + square_q;
        t = plus_exponent(lookup8(exp2_table_single, shifted), shifted, 3);
        low = lookup8(exp2_table_single_low, shifted);
    }
};

// 1 / (1 + e^-x) for -110 <= x <= 30, lifted by 2^64 so that no step is subnormal: the rounded
// quotient and what its rounding left, relatively. The denominator, too, carries what its rounding
// left.
template <class V>
struct SingleSigmoid {
    V q, rest;

    NONLIN_FN explicit SingleSigmoid(V bounded) {
        const SingleExponential<V> e(-bounded, V(-64.0));
        const V one = V(0x1p-64), s = e.s + e.low;
        const V grown = mul_add(e.t, s, e.t);
        const V grown_low = mul_add(e.t, s, e.t - grown);
        const V high = maximum(one, grown), low = minimum(one, grown);
        const V denominator = one + grown;
        const V denominator_low = ((high - denominator) + low) + grown_low;
        q = V(1.0) / denominator;
        rest = neg_mul_add(q, denominator_low, neg_mul_add(q, denominator, V(1.0)));
    }
};

}  // namespace nonlin
