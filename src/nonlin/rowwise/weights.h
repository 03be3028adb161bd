// The terms of a softmax: e^((x - m) / T) for every x of a row whose maximum is m, up to one factor
// that all terms of the row share.
#pragma once

#include <nonlin/math/exp.h>

namespace nonlin {

template <class V, class W, bool single = V::single>
class Weights;
template <class V, class W>
struct SummedWeights {
    Weights<V, W> weight;
    Two<W> total;
};

// factor 2^(j/8), with j / 8 of an exponent's step taken from the bits, where plus_exponent will
// add it. The factor is the one near 1 for which all eight are nearest to float32 numbers: within
// 2^-28. weight_factor is that factor, times the one that all values of the polynomial share.
NONLIN_TABLE float weight_table[8] = {0x1.16747cp0f, 0x1.0fa848p0f, 0x1.0b2404p0f, 0x1.091c8ap0f,
                                      0x1.09cb7cp0f, 0x1.0d6fb4p0f, 0x1.144dbcp0f, 0x1.1eb052p0f};
constexpr double weight_factor = 0x1.16747c4e2162p0;

// float32 data: factor 2^lift e^(x / T) 2^-N with one integer N for the row. x / T itself is
// reduced, to n ln2 / 8 and a rest: subtracting m from x first would round, which costs other
// implementations up to 50 ULP. Only where m is so large that x - m is exact for every x that
// counts is it subtracted. A weight is given in two parts, whose sum is off by 2^-25.3 at most:
// a total that one entry dominates would show the rounding of that entry in all others.
// Coefficients: tools/coefficients.py.
//
// N brings the maximum's weight near 2^lift, so that no weight that counts is subnormal. For rows
// whose maximum is near 0, N = 0 does as well, and N changes no digit: `of` tries it first, which
// saves looking for the maximum, and the sum shows whether it was right. A weight below 2^-125 is
// as that. For softmax, whose lift is 76, it is below every result; else it is 2^-243 of the
// largest, and shows if something multiplies probabilities by more than 2^93.
template <class V, class W, bool single>
class Weights {
public:
    // m: the maximum of the row.
    template <class Row>
    NONLIN_FN Weights(const Row& row, W m, W temperature) : Weights(row, temperature) {
        move(row, m, temperature, m == m, high_lift);
    }

    // The weight of x; NaN for NaN.
    NONLIN_FN Two<V> operator()(V x) const { return weight(maximum(lowest, x - shift)); }

    // The weights of all x(at), as terms of the row.
    template <class Row, class X>
    NONLIN_FN static SummedWeights<V, W> of(Row& row, const X& x, W temperature,
                                            typename Row::Terms& terms) {
        Weights w(row, temperature);
        Two<W> total = row.sum_terms([&](auto at) { return w.near(x(at)); }, terms);
        const auto far = (total.hi < W(0x1p26)) | (total.hi > W(0x1p118));  // not where it is NaN
        if (any(far)) {
            w.move(row, row.maximum(x), temperature, far, lift);
            total = row.sum_terms([&](auto at) { return w(x(at)); }, terms);
        }
        return {w, total};
    }

    // The weight of the maximum m, in wide lanes.
    NONLIN_FN static Two<W> of_maximum(W m, W temperature) {
        const W inverse = W(1.0) / temperature;
        const W near = m - far_from_zero(m, temperature);
        const W rest = neg_mul_add(periods(near, inverse), W(0x1.62e42fefa39efp-1), near * inverse);
        return exponential_of<W>(rest).lifted().hi * W(weight_factor * 0x1p118);
    }

private:
    // N = 0. Of an entry below `lowest` nothing is left beside a sum of at least 2^26. One beyond
    // `highest`, 2^119, alone exceeds 2^118, the most of which the inverse has all digits; and no
    // sum of second parts, 2^-4 of the first, overflows.
    template <class Row>
    NONLIN_FN Weights(const Row&, W temperature)
        : shift(0.0), lowest(Row::narrow(W(-139.5) * temperature)),
          highest(Row::narrow(W(30.0) * temperature)), origin(unmoved) {
        const W eighths = W(0x1.71547652b82fep3) / temperature;
        per_unit = Row::narrow(eighths);
        per_unit_low = Row::narrow(eighths - Row::widen(per_unit));
    }
    template <class Row, class Mask>
    NONLIN_FN void move(const Row&, W m, W temperature, Mask moved, int new_lift) {
        const W far = far_from_zero(m, temperature), near = m - far;
        const W n = periods(near, W(1.0) / temperature) * W(8.0);
        const W below((new_lift + 125) * 0.6915);
        shift = Row::narrow(select(moved, far, W(0.0)));
        lowest = Row::narrow(select(moved, near - below * temperature, Row::widen(lowest)));
        origin = Row::narrow(select(moved, W(V::shifter + new_lift * 8) - n, W(unmoved)));
    }

    NONLIN_FN Two<V> near(V x) const { return weight(minimum(highest, maximum(lowest, x))); }
    NONLIN_FN Two<V> weight(V d) const {
        const V shifted = mul_add(d, per_unit, origin);
        const V f = mul_add(d, per_unit_low, mul_add(d, per_unit, origin - shifted));
        const V q = mul_add(f, mul_add(f, V(0x1.c6a598p-14), V(0x1.ec0fa8p-9)), V(0x1.62e432p-4));
        const V t = plus_exponent(lookup8(weight_table, shifted), shifted, 3);
        return {t, t * f * q};
    }
    NONLIN_FN static W far_from_zero(W m, W temperature) {
        return select(magnitude(m) > W(1000.0) * temperature, m, W(0.0));
    }
    // x / (T ln2), rounded to an integer
    NONLIN_FN static W periods(W x, W inverse_temperature) {
        const W per_period = inverse_temperature * W(0x1.71547652b82fep0);
        return mul_add(x, per_period, W(0x1.8p52)) - W(0x1.8p52);
    }

    static constexpr int lift = 76, high_lift = 118;
    static constexpr double unmoved = V::shifter + lift * 8;
    V shift, lowest, highest, origin, per_unit, per_unit_low;
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
    template <class Row, class X>
    NONLIN_FN static SummedWeights<V, W> of(Row& row, const X& x, W temperature,
                                            typename Row::Terms& terms) {
        const Weights w(row, row.maximum(x), temperature);
        return {w, row.sum_terms([&](auto at) { return w(x(at)); }, terms)};
    }
    NONLIN_FN static Two<W> of_maximum(W, W) { return raised(Two<W>(1.0)); }

private:
    W largest, lowest;
    Two<W> inverse;
};

}  // namespace nonlin
