// The vocabulary of V, one lane at a time: what every pack offers, and what the others must match
// bit for bit. A thread of a GPU runs it, and a CPU without AVX2 and FMA: there mul_add calls the C
// library's fma, which is exact and slow.
//
// f32 holds float32 data in float32 lanes, f64 float64 data in float64 lanes, and f32w ("wide")
// float32 data in float64 lanes. extended says that the lanes carry more digits than the data.
#pragma once

#include <nonlin/bits.h>

namespace nonlin {
namespace scalar {

struct mask {
    bool m;
    NONLIN_FN friend mask operator&(mask a, mask b) { return {a.m && b.m}; }
    NONLIN_FN friend mask operator|(mask a, mask b) { return {a.m || b.m}; }
    NONLIN_FN friend mask operator!(mask a) { return {!a.m}; }
    NONLIN_FN friend bool any(mask a) { return a.m; }
};

NONLIN_FN float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
NONLIN_FN double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
NONLIN_FN float root(float a) { return __builtin_sqrtf(a); }
NONLIN_FN double root(double a) { return __builtin_sqrt(a); }
NONLIN_FN float absolute(float a) { return __builtin_fabsf(a); }
NONLIN_FN double absolute(double a) { return __builtin_fabs(a); }

template <class Lane, class Data>
struct one_lane {
    Lane v;

    using data = Data;
    using precise = one_lane<double, double>;
    static constexpr int lanes = 1;
    static constexpr bool extended = sizeof(Lane) > sizeof(Data);
    static constexpr bool single = sizeof(Lane) == 4;

    one_lane() = default;
    NONLIN_FN one_lane(double c) : v(static_cast<Lane>(c)) {}
    NONLIN_FN static one_lane load(const Data* p) { return lane(static_cast<Lane>(*p)); }
    NONLIN_FN void store(Data* p) const { *p = static_cast<Data>(v); }
    NONLIN_FN static one_lane load_parameter(const double* p) { return one_lane(*p); }
    NONLIN_FN precise to_precise() const { return precise(v); }
    NONLIN_FN static one_lane from_precise(precise a) { return one_lane(a.v); }

    NONLIN_FN friend one_lane operator+(one_lane a, one_lane b) { return lane(a.v + b.v); }
    NONLIN_FN friend one_lane operator-(one_lane a, one_lane b) { return lane(a.v - b.v); }
    NONLIN_FN friend one_lane operator*(one_lane a, one_lane b) { return lane(a.v * b.v); }
    NONLIN_FN friend one_lane operator/(one_lane a, one_lane b) { return lane(a.v / b.v); }
    NONLIN_FN friend one_lane operator-(one_lane a) { return lane(-a.v); }

    // Comparisons with NaN are false.
    NONLIN_FN friend mask operator<(one_lane a, one_lane b) { return {a.v < b.v}; }
    NONLIN_FN friend mask operator<=(one_lane a, one_lane b) { return {a.v <= b.v}; }
    NONLIN_FN friend mask operator>(one_lane a, one_lane b) { return {a.v > b.v}; }
    NONLIN_FN friend mask operator>=(one_lane a, one_lane b) { return {a.v >= b.v}; }
    NONLIN_FN friend mask operator==(one_lane a, one_lane b) { return {a.v == b.v}; }
    NONLIN_FN friend mask is_nan(one_lane a) { return {a.v != a.v}; }
    NONLIN_FN friend one_lane select(mask m, one_lane a, one_lane b) { return m.m ? a : b; }

    NONLIN_FN friend one_lane mul_add(one_lane a, one_lane b, one_lane c) {
        return lane(fused(a.v, b.v, c.v));  // a b + c
    }
    NONLIN_FN friend one_lane neg_mul_add(one_lane a, one_lane b, one_lane c) {
        return lane(fused(-a.v, b.v, c.v));  // c - a b
    }
    // b where either is NaN or both are zero, as x86's instructions have it.
    NONLIN_FN friend one_lane minimum(one_lane a, one_lane b) { return a.v < b.v ? a : b; }
    NONLIN_FN friend one_lane maximum(one_lane a, one_lane b) { return a.v > b.v ? a : b; }
    NONLIN_FN friend one_lane magnitude(one_lane a) { return lane(absolute(a.v)); }
    NONLIN_FN friend one_lane with_sign(one_lane a, one_lane sign) {
        return lane(from_bits(bits_of(a.v) | (bits_of(sign.v) & bits_of(Lane(-0.0)))));  // a >= +0
    }
    NONLIN_FN friend one_lane square_root(one_lane a) { return lane(root(a.v)); }

    // Integers n live in the low bits of shifter + n.
    static constexpr double shifter = sizeof(Lane) == 4 ? 0x1.8p23 : 0x1.8p52;

    // float32 lanes only: n added to a's bits as a number whose unit is 2^-bits of an exponent's
    // step (a 2^n where bits is 0); table[n mod 4 or 8].
    NONLIN_FN friend one_lane plus_exponent(one_lane a, one_lane shifted, int bits) {
        return lane(from_bits((bits_of(shifted.v) << (23 - bits)) + bits_of(a.v)));
    }
    NONLIN_FN friend one_lane lookup8(const float* table, one_lane shifted) {
        return lane(table[bits_of(shifted.v) & 7]);
    }

    // The rest is for float64 lanes only.

    // 2^floor(n / 2^drop); -1023 gives 0.
    NONLIN_FN friend one_lane power_of_two(one_lane shifted, int drop) {
        float64_only();
        return lane(from_bits(((bits_of(shifted.v) >> drop) << 52) + bits_of(1.0)));
    }
    // table[n mod 2^bits]
    NONLIN_FN friend one_lane lookup(const double* table, one_lane shifted, int bits) {
        float64_only();
        return lane(table[bits_of(shifted.v) & ((1ull << bits) - 1)]);
    }
    // floor(log2(a)) of a positive normal number.
    NONLIN_FN friend one_lane exponent(one_lane a) {
        float64_only();
        return lane(static_cast<Lane>(static_cast<int>(bits_of(a.v) >> 52) - 1023));
    }

private:
    NONLIN_FN static void float64_only() {
        static_assert(!single, "this formula needs float64 lanes: for float data call it with "
                               "nonlin::scalar::f32w, or say in a functor of nonlin::map: "
                               "static constexpr bool wide = true;");
    }
    NONLIN_FN static one_lane lane(Lane v) {
        one_lane a;
        a.v = v;
        return a;
    }
};

using f32 = one_lane<float, float>;
using f32w = one_lane<double, float>;
using f64 = one_lane<double, double>;

}  // namespace scalar
}  // namespace nonlin
