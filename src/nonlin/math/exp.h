// e^y and e^y - 1.
//
// y = n ln2 / N + r with N = 32 table entries for float64 data and N = 1 where the lanes have
// digits to spare; e^y = 2^(n/N) (1 + (e^r - 1)). Relative error before the final rounding: 2^-62
// in two parts, 2^-32 (e^y - 1: 2^-31) for float32 data. Source of the reduction: P. T. P. Tang,
// "Table-driven implementation of the exponential function", ACM TOMS 15, 1989. Coefficients:
// tools/coefficients.py.
#pragma once

#include <nonlin/math/limits.h>
#include <nonlin/math/polynomial.h>

namespace nonlin {

// 2^(j/32), and what rounding it left.
// clang-format off
NONLIN_TABLE double exp2_table_hi[32] = {
    0x1p0, 0x1.059b0d3158574p0, 0x1.0b5586cf9890fp0, 0x1.11301d0125b51p0,
    0x1.172b83c7d517bp0, 0x1.1d4873168b9aap0, 0x1.2387a6e756238p0, 0x1.29e9df51fdee1p0,
    0x1.306fe0a31b715p0, 0x1.371a7373aa9cbp0, 0x1.3dea64c123422p0, 0x1.44e086061892dp0,
    0x1.4bfdad5362a27p0, 0x1.5342b569d4f82p0, 0x1.5ab07dd485429p0, 0x1.6247eb03a5585p0,
    0x1.6a09e667f3bcdp0, 0x1.71f75e8ec5f74p0, 0x1.7a11473eb0187p0, 0x1.82589994cce13p0,
    0x1.8ace5422aa0dbp0, 0x1.93737b0cdc5e5p0, 0x1.9c49182a3f09p0, 0x1.a5503b23e255dp0,
    0x1.ae89f995ad3adp0, 0x1.b7f76f2fb5e47p0, 0x1.c199bdd85529cp0, 0x1.cb720dcef9069p0,
    0x1.d5818dcfba487p0, 0x1.dfc97337b9b5fp0, 0x1.ea4afa2a490dap0, 0x1.f50765b6e454p0,
};
NONLIN_TABLE double exp2_table_lo[32] = {
    0.0, 0x1.d73e2a475b465p-55, 0x1.8a62e4adc610bp-54, -0x1.6c51039449b3ap-54,
    -0x1.19041b9d78a76p-55, 0x1.e016e00a2643cp-54, 0x1.9b07eb6c70573p-54, 0x1.612e8afad1255p-55,
    0x1.6f46ad23182e4p-55, -0x1.63aeabf42eae2p-54, 0x1.ada0911f09ebcp-55, 0x1.89b7a04ef80dp-59,
    0x1.d4397afec42e2p-56, -0x1.07abe1db13cadp-55, 0x1.6324c054647adp-54, -0x1.383c17e40b497p-54,
    -0x1.bdd3413b26456p-54, -0x1.16e4786887a99p-55, -0x1.41577ee04992fp-55, -0x1.d4c1dd41532d8p-54,
    0x1.6e9f156864b27p-54, -0x1.75fc781b57ebcp-57, 0x1.c7c46b071f2bep-56, -0x1.d2f6edb8d41e1p-54,
    0x1.7a1cd345dcc81p-54, -0x1.5584f7e54ac3bp-56, 0x1.11065895048ddp-55, 0x1.503cbd1e949dbp-56,
    0x1.2ed02d75b3707p-55, -0x1.1a5cd4f184b5cp-54, -0x1.e9c23179c2893p-54, 0x1.9d3e12dd8a18bp-54,
};
// clang-format on

// e^y = 2^-lift power start (1 + rest)
template <class V>
struct Exponential {
    V power;
    Two<V> start, rest;

    NONLIN_FN Two<V> lifted() const { return scaled(grown(), power); }

    // The same, rounded.
    NONLIN_FN V rounded_lifted() const {
        if constexpr (V::extended) {
            return (rest.hi + V(1.0)) * power;
        } else {
            const V low = mul_add(start.hi, rest.lo, mul_add(start.lo, rest.hi, start.lo));
            return (start.hi + mul_add(start.hi, rest.hi, low)) * power;
        }
    }

    // e^y - 1, relative accuracy kept through 0.
    NONLIN_FN Two<V> minus_one() const {
        const V p = lowered(power);
        if constexpr (V::extended) {
            return mul_add(rest.hi, p, p - V(1.0));
        } else {
            return (scaled(start, p) - Two<V>(1.0)) + scaled(start * rest, p);
        }
    }

private:
    NONLIN_FN Two<V> grown() const {
        if constexpr (V::extended) {
            return rest.hi + V(1.0);  // start is 1
        } else {
            const Two<V> product = exact_product(start.hi, rest.hi);
            const Two<V> sum = Two<V>::quick_sum(start.hi, product.hi);
            const V low = mul_add(start.hi, rest.lo, mul_add(start.lo, rest.hi, start.lo));
            return Two<V>::quick_sum(sum.hi, sum.lo + (product.lo + low));
        }
    }
};

// e^y for y up to 500, or up to 709 where the lanes have exponents to spare. Where every tail has
// vanished it is exactly 0. origin: V::shifter, plus the power of two to lift by (times the table's
// length).
template <class V>
NONLIN_FN Exponential<V> exponential_from(V origin, Two<V> y) {
    Exponential<V> e;
    if constexpr (V::extended) {
        const V bounded = maximum(V(-0x1.628b76e3a7b61p9), y.hi);  // -1023 ln2
        const V shifted = mul_add(bounded, V(0x1.71547652b82fep0), origin);
        const V n = shifted - origin;
        const V r = neg_mul_add(n, V(0x1.62e42fefa39efp-1), bounded);
        const V q = polynomial(r, 0x1.0000000b84561p-1, 0x1.5555552720a2dp-3, 0x1.5554e93ba2f6fp-5,
                               0x1.11114be205493p-7, 0x1.6d42ecd0496a4p-10, 0x1.a072d825585c9p-13);
        e.power = power_of_two(shifted, 0);
        e.start = Two<V>(1.0);
        e.rest = mul_add(r * r, q, r);
    } else {
        const V lowest = V(-0x1.bb18265992a95p9);  // -1278.5 ln2
        const V bounded = maximum(lowest, y.hi);
        const V below = select(y.hi > lowest, y.lo, V(0.0));
        const V shifted = mul_add(bounded, V(0x1.71547652b82fep5), origin);
        const V n = shifted - origin;
        // ln2 / 32 as 36 bits, so that the first product is exact, and the rest.
        const V left = neg_mul_add(n, V(0x1.62e42fefap-6), bounded);
        Two<V> r = exact_sum(left, n * V(-0x1.cf79abc9e3b3ap-45));
        r = Two<V>::quick_sum(r.hi, r.lo + below);
        const V q = polynomial(r.hi, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040);
        e.power = power_of_two(shifted, 5);
        e.start = {lookup(exp2_table_hi, shifted, 5), lookup(exp2_table_lo, shifted, 5)};
        e.rest = Two<V>::quick_sum(r.hi, mul_add(r.hi * r.hi, q, r.lo));
    }
    return e;
}

template <class V>
NONLIN_FN Exponential<V> exponential_of(Two<V> y) {
    return exponential_from(V(V::shifter + (V::extended ? 1.0 : 32.0) * lift<V>), y);
}

// factor e^y for any y, rounded once; both ends of the range are reached.
template <class V>
struct AnyExponential {
    Exponential<V> e;
    V unlift;

    NONLIN_FN explicit AnyExponential(Two<V> y) {
        if constexpr (V::extended) {
            e = exponential_of<V>(minimum(V(700.0), y.hi));
            unlift = V(1.0);
        } else {
            // Lifted below 1, pressed down above.
            const auto small = y.hi < V(0.0);
            const Two<V> bounded = {minimum(V(1000.0), y.hi),
                                    select(y.hi < V(1000.0), y.lo, V(0.0))};
            const V up = V(V::shifter + 32.0 * lift<V>), down = V(V::shifter - 64.0 * lift<V>);
            e = exponential_from(select(small, up, down), bounded);
            unlift = select(small, V(0x1p-256), V(0x1p512));
        }
    }
    NONLIN_FN V times(Two<V> factor) const {
        const V plain = e.rounded_lifted() * factor.hi;
        const V y = select(plain == V(__builtin_inf()), plain, rounded(e.lifted() * factor));
        return y * unlift;
    }
    NONLIN_FN V value() const {
        if constexpr (V::extended) {
            return e.rounded_lifted();
        } else {
            return e.rounded_lifted() * unlift;
        }
    }
};

}  // namespace nonlin
