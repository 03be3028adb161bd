// The terms of a softmax: e^((x - m) / T) for every x of a row whose maximum is m, up to one factor
// that all terms of the row share.
#pragma once

#include <nonlin/math/exp.h>

namespace nonlin {

// float32 data: 2^64 e^(x / T) 2^-N with one integer N for the row, so that m weighs about 2^64 and
// no term is subnormal. x / T itself is reduced by n ln2: subtracting m from x first would round,
// which costs other implementations up to 50 ULP. Only where m is so large that x - m is exact for
// every x that counts is it subtracted. Relative error 2^-23.6. Coefficients:
// tools/coefficients.py.
template <class V, class W, bool single = V::single>
class Weights {
public:
    template <class Row>
    NONLIN_FN Weights(const Row&, W m, W temperature) {
        const W inverse_wide = W(1.0) / temperature;
        const W far = far_from_zero(m, temperature);
        const W period = temperature * W(0x1.62e42fefa39efp-1);
        // The first 12 bits: their product with n is exact.
        const W spread = period * W(0x1p41);
        const W high = (spread + period) - spread;
        const W n = periods(m - far, inverse_wide);
        shift = Row::narrow(far);
        lowest = Row::narrow((m - far) - W(110.0) * temperature);
        origin = Row::narrow(W(V::shifter + 64.0) - n);
        per_period = Row::narrow(inverse_wide * W(0x1.71547652b82fep0));
        period_high = Row::narrow(high);
        period_low = Row::narrow(period - high);
        inverse = Row::narrow(inverse_wide);
        inverse_low = Row::narrow(inverse_wide - Row::widen(inverse));
    }

    // The weight of x; NaN for NaN.
    NONLIN_FN V operator()(V x) const {
        const V d = maximum(lowest, x - shift);
        const V shifted = mul_add(d, per_period, origin);
        const V n = shifted - origin;
        const V rest = neg_mul_add(n, period_low, neg_mul_add(n, period_high, d));
        const V r = mul_add(rest, inverse, rest * inverse_low);
        const V q = polynomial(r, 0x1.fffffcp-2, 0x1.55549p-3, 0x1.5558f6p-5, 0x1.123a66p-7,
                               0x1.6a2252p-10);
        return (mul_add(r * r, q, r) + V(1.0)) * times_power_of_two(V(1.0), shifted, 0);
    }
    // The weight of the maximum m, in wide lanes.
    NONLIN_FN static Two<W> of_maximum(W m, W temperature) {
        const W inverse = W(1.0) / temperature;
        const W near = m - far_from_zero(m, temperature);
        const W rest = neg_mul_add(periods(near, inverse), W(0x1.62e42fefa39efp-1), near * inverse);
        return exponential_of<W>(rest).lifted().hi * W(0x1p64);
    }

private:
    NONLIN_FN static W far_from_zero(W m, W temperature) {
        return select(magnitude(m) > W(1000.0) * temperature, m, W(0.0));
    }
    // x / (T ln2), rounded to an integer
    NONLIN_FN static W periods(W x, W inverse_temperature) {
        const W per_period = inverse_temperature * W(0x1.71547652b82fep0);
        return mul_add(x, per_period, W(0x1.8p52)) - W(0x1.8p52);
    }

    V shift, lowest, origin, per_period, period_high, period_low, inverse, inverse_low;
};

// float64 data: 2^256 e^((x - m) / T), rounded.
template <class V, class W>
class Weights<V, W, false> {
public:
    template <class Row>
    NONLIN_FN Weights(const Row&, W m, W temperature)
        : largest(m), lowest(W(-1500.0) * temperature), inverse(Two<W>(1.0) / Two<W>(temperature)) {
    }

    NONLIN_FN V operator()(V x) const {
        Two<W> d = exact_sum(x, -largest);
        const V hi = maximum(lowest, d.hi);  // keeps infinities out of what follows; NaN stays
        if constexpr (!V::extended) d.lo = select(d.hi > lowest, d.lo, V(0.0));
        d.hi = hi;
        return exponential_of(d * inverse).rounded_lifted();
    }
    NONLIN_FN static Two<W> of_maximum(W, W) { return raised(Two<W>(1.0)); }

private:
    W largest, lowest;
    Two<W> inverse;
};

}  // namespace nonlin
