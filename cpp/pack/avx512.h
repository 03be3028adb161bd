// The vocabulary of V on AVX-512 (F, DQ, BW, VL): 16 float32 lanes, or 8 float64 lanes.
// nonlin/scalar.h says what each word means.
#pragma once

#include <immintrin.h>
#include <nonlin/fn.h>

namespace nonlin {
namespace avx512 {
namespace {

template <class Bits>
struct mask {
    Bits m;
    NONLIN_FN friend mask operator&(mask a, mask b) { return {static_cast<Bits>(a.m & b.m)}; }
    NONLIN_FN friend mask operator|(mask a, mask b) { return {static_cast<Bits>(a.m | b.m)}; }
    NONLIN_FN friend mask operator!(mask a) { return {static_cast<Bits>(~a.m)}; }
    NONLIN_FN friend bool any(mask a) { return a.m != 0; }
};
using mask32 = mask<__mmask16>;
using mask64 = mask<__mmask8>;

struct f32 {
    __m512 v;

    using data = float;
    static constexpr int lanes = 16;
    static constexpr bool extended = false;
    static constexpr bool single = true;
    static constexpr double shifter = 0x1.8p23;

    f32() = default;
    NONLIN_FN f32(__m512 a) : v(a) {}
    NONLIN_FN f32(double c) : v(_mm512_set1_ps(static_cast<float>(c))) {}
    NONLIN_FN static f32 load(const float* p) { return _mm512_loadu_ps(p); }
    NONLIN_FN void store(float* p) const { _mm512_storeu_ps(p, v); }

    NONLIN_FN friend f32 operator+(f32 a, f32 b) { return _mm512_add_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator-(f32 a, f32 b) { return _mm512_sub_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator*(f32 a, f32 b) { return _mm512_mul_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator/(f32 a, f32 b) { return _mm512_div_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator-(f32 a) { return _mm512_xor_ps(a.v, _mm512_set1_ps(-0.0f)); }

    NONLIN_FN friend mask32 operator<(f32 a, f32 b) {
        return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)};
    }
    NONLIN_FN friend mask32 operator<=(f32 a, f32 b) {
        return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)};
    }
    NONLIN_FN friend mask32 operator>(f32 a, f32 b) {
        return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)};
    }
    NONLIN_FN friend mask32 operator>=(f32 a, f32 b) {
        return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)};
    }
    NONLIN_FN friend mask32 operator==(f32 a, f32 b) {
        return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)};
    }
    NONLIN_FN friend mask32 is_nan(f32 a) { return {_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q)}; }
    NONLIN_FN friend f32 select(mask32 m, f32 a, f32 b) {
        return _mm512_mask_blend_ps(m.m, b.v, a.v);
    }

    NONLIN_FN friend f32 mul_add(f32 a, f32 b, f32 c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }
    NONLIN_FN friend f32 neg_mul_add(f32 a, f32 b, f32 c) {
        return _mm512_fnmadd_ps(a.v, b.v, c.v);
    }
    NONLIN_FN friend f32 minimum(f32 a, f32 b) { return _mm512_maskz_min_ps(0xFFFF, a.v, b.v); }
    NONLIN_FN friend f32 maximum(f32 a, f32 b) { return _mm512_maskz_max_ps(0xFFFF, a.v, b.v); }
    NONLIN_FN friend f32 magnitude(f32 a) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a.v); }
    NONLIN_FN friend f32 square_root(f32 a) { return _mm512_maskz_sqrt_ps(0xFFFF, a.v); }
    NONLIN_FN friend f32 with_sign(f32 a, f32 sign) {
        return _mm512_or_ps(a.v, _mm512_and_ps(_mm512_set1_ps(-0.0f), sign.v));
    }

    NONLIN_FN friend f32 plus_exponent(f32 a, f32 shifted, int bits) {
        const __m512i n = _mm512_maskz_sllv_epi32(0xFFFF, _mm512_castps_si512(shifted.v),
                                                  _mm512_set1_epi32(23 - bits));
        return _mm512_castsi512_ps(_mm512_add_epi32(n, _mm512_castps_si512(a.v)));
    }
    NONLIN_FN friend f32 lookup8(const float* table, f32 shifted) {
        const __m512 twice = _mm512_maskz_broadcast_f32x8(0xFFFF, _mm256_loadu_ps(table));
        return _mm512_maskz_permutexvar_ps(0xFFFF, _mm512_castps_si512(shifted.v), twice);
    }
};

NONLIN_FN __m512d load8(const double* p) { return _mm512_loadu_pd(p); }
NONLIN_FN __m512d load8(const float* p) { return _mm512_maskz_cvtps_pd(0xFF, _mm256_loadu_ps(p)); }
NONLIN_FN void store8(double* p, __m512d v) { _mm512_storeu_pd(p, v); }
NONLIN_FN void store8(float* p, __m512d v) { _mm256_storeu_ps(p, _mm512_maskz_cvtpd_ps(0xFF, v)); }

template <class Data>
struct lanes64 {
    __m512d v;

    using data = Data;
    using precise = lanes64<double>;
    static constexpr int lanes = 8;
    static constexpr bool extended = sizeof(Data) < sizeof(double);
    static constexpr bool single = false;
    static constexpr double shifter = 0x1.8p52;

    lanes64() = default;
    NONLIN_FN lanes64(__m512d a) : v(a) {}
    NONLIN_FN lanes64(double c) : v(_mm512_set1_pd(c)) {}
    NONLIN_FN static lanes64 load(const Data* p) { return load8(p); }
    NONLIN_FN void store(Data* p) const { store8(p, v); }
    NONLIN_FN static lanes64 load_parameter(const double* p) { return load8(p); }
    NONLIN_FN precise to_precise() const { return v; }
    NONLIN_FN static lanes64 from_precise(precise a) { return a.v; }

    NONLIN_FN friend lanes64 operator+(lanes64 a, lanes64 b) { return _mm512_add_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator-(lanes64 a, lanes64 b) { return _mm512_sub_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator*(lanes64 a, lanes64 b) { return _mm512_mul_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator/(lanes64 a, lanes64 b) { return _mm512_div_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator-(lanes64 a) {
        return _mm512_xor_pd(a.v, _mm512_set1_pd(-0.0));
    }

    NONLIN_FN friend mask64 operator<(lanes64 a, lanes64 b) {
        return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LT_OQ)};
    }
    NONLIN_FN friend mask64 operator<=(lanes64 a, lanes64 b) {
        return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LE_OQ)};
    }
    NONLIN_FN friend mask64 operator>(lanes64 a, lanes64 b) {
        return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_GT_OQ)};
    }
    NONLIN_FN friend mask64 operator>=(lanes64 a, lanes64 b) {
        return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_GE_OQ)};
    }
    NONLIN_FN friend mask64 operator==(lanes64 a, lanes64 b) {
        return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_EQ_OQ)};
    }
    NONLIN_FN friend mask64 is_nan(lanes64 a) {
        return {_mm512_cmp_pd_mask(a.v, a.v, _CMP_UNORD_Q)};
    }
    NONLIN_FN friend lanes64 select(mask64 m, lanes64 a, lanes64 b) {
        return _mm512_mask_blend_pd(m.m, b.v, a.v);
    }

    NONLIN_FN friend lanes64 mul_add(lanes64 a, lanes64 b, lanes64 c) {
        return _mm512_fmadd_pd(a.v, b.v, c.v);
    }
    NONLIN_FN friend lanes64 neg_mul_add(lanes64 a, lanes64 b, lanes64 c) {
        return _mm512_fnmadd_pd(a.v, b.v, c.v);
    }
    NONLIN_FN friend lanes64 minimum(lanes64 a, lanes64 b) {
        return _mm512_maskz_min_pd(0xFF, a.v, b.v);
    }
    NONLIN_FN friend lanes64 maximum(lanes64 a, lanes64 b) {
        return _mm512_maskz_max_pd(0xFF, a.v, b.v);
    }
    NONLIN_FN friend lanes64 magnitude(lanes64 a) {
        return _mm512_andnot_pd(_mm512_set1_pd(-0.0), a.v);
    }
    NONLIN_FN friend lanes64 with_sign(lanes64 a, lanes64 sign) {
        return _mm512_or_pd(a.v, _mm512_and_pd(_mm512_set1_pd(-0.0), sign.v));
    }
    NONLIN_FN friend lanes64 square_root(lanes64 a) { return _mm512_maskz_sqrt_pd(0xFF, a.v); }

    NONLIN_FN friend lanes64 power_of_two(lanes64 shifted, int drop) {
        const __m512i n =
            _mm512_maskz_srlv_epi64(0xFF, _mm512_castpd_si512(shifted.v), _mm512_set1_epi64(drop));
        const __m512i one = _mm512_castpd_si512(_mm512_set1_pd(1.0));
        return _mm512_castsi512_pd(_mm512_add_epi64(_mm512_maskz_slli_epi64(0xFF, n, 52), one));
    }
    NONLIN_FN friend lanes64 lookup(const double* table, lanes64 shifted, int bits) {
        const __m512i low = _mm512_set1_epi64((1ll << bits) - 1);
        const __m512i index = _mm512_and_si512(_mm512_castpd_si512(shifted.v), low);
        return _mm512_mask_i64gather_pd(_mm512_setzero_pd(), 0xFF, index, table, 8);
    }
    NONLIN_FN friend lanes64 exponent(lanes64 a) {
        const __m512i biased = _mm512_maskz_srli_epi64(0xFF, _mm512_castpd_si512(a.v), 52);
        const __m512i two52 = _mm512_castpd_si512(_mm512_set1_pd(0x1p52));
        return _mm512_sub_pd(_mm512_castsi512_pd(_mm512_or_si512(biased, two52)),
                             _mm512_set1_pd(0x1p52 + 1023));
    }
};

using f32w = lanes64<float>;
using f64 = lanes64<double>;

}  // namespace
}  // namespace avx512
}  // namespace nonlin
