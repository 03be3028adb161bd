// The vocabulary of V on AVX2, FMA and F16C: 8 float32 lanes, or 4 float64 lanes. nonlin/scalar.h
// says what each word means.
#pragma once

#include <immintrin.h>
#include <nonlin/fn.h>

namespace nonlin {
namespace avx2 {
namespace {

struct mask32 {
    __m256 m;
    NONLIN_FN friend mask32 operator&(mask32 a, mask32 b) { return {_mm256_and_ps(a.m, b.m)}; }
    NONLIN_FN friend mask32 operator|(mask32 a, mask32 b) { return {_mm256_or_ps(a.m, b.m)}; }
    NONLIN_FN friend mask32 operator!(mask32 a) {
        return {_mm256_xor_ps(a.m, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))};
    }
    NONLIN_FN friend bool any(mask32 a) { return _mm256_movemask_ps(a.m) != 0; }
};

struct f32 {
    __m256 v;

    using data = float;
    static constexpr int lanes = 8;
    static constexpr bool extended = false;
    static constexpr bool single = true;
    static constexpr double shifter = 0x1.8p23;

    f32() = default;
    NONLIN_FN f32(__m256 a) : v(a) {}
    NONLIN_FN f32(double c) : v(_mm256_set1_ps(static_cast<float>(c))) {}
    NONLIN_FN static f32 load(const float* p) { return _mm256_loadu_ps(p); }
    NONLIN_FN void store(float* p) const { _mm256_storeu_ps(p, v); }
    NONLIN_FN static f32 load_float16(const char* p) {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    NONLIN_FN void store_float16(char* p) const {
        const __m128i half = _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), half);
    }

    NONLIN_FN friend f32 operator+(f32 a, f32 b) { return _mm256_add_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator-(f32 a, f32 b) { return _mm256_sub_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator*(f32 a, f32 b) { return _mm256_mul_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator/(f32 a, f32 b) { return _mm256_div_ps(a.v, b.v); }
    NONLIN_FN friend f32 operator-(f32 a) { return _mm256_xor_ps(a.v, _mm256_set1_ps(-0.0f)); }

    NONLIN_FN friend mask32 operator<(f32 a, f32 b) {
        return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)};
    }
    NONLIN_FN friend mask32 operator<=(f32 a, f32 b) {
        return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)};
    }
    NONLIN_FN friend mask32 operator>(f32 a, f32 b) {
        return {_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)};
    }
    NONLIN_FN friend mask32 operator>=(f32 a, f32 b) {
        return {_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)};
    }
    NONLIN_FN friend mask32 operator==(f32 a, f32 b) {
        return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)};
    }
    NONLIN_FN friend mask32 is_nan(f32 a) { return {_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q)}; }
    NONLIN_FN friend f32 select(mask32 m, f32 a, f32 b) { return _mm256_blendv_ps(b.v, a.v, m.m); }

    NONLIN_FN friend f32 mul_add(f32 a, f32 b, f32 c) { return _mm256_fmadd_ps(a.v, b.v, c.v); }
    NONLIN_FN friend f32 neg_mul_add(f32 a, f32 b, f32 c) {
        return _mm256_fnmadd_ps(a.v, b.v, c.v);
    }
    NONLIN_FN friend f32 minimum(f32 a, f32 b) { return _mm256_min_ps(a.v, b.v); }
    NONLIN_FN friend f32 maximum(f32 a, f32 b) { return _mm256_max_ps(a.v, b.v); }
    NONLIN_FN friend f32 magnitude(f32 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v); }
    NONLIN_FN friend f32 square_root(f32 a) { return _mm256_sqrt_ps(a.v); }
    NONLIN_FN friend f32 with_sign(f32 a, f32 sign) {
        return _mm256_or_ps(a.v, _mm256_and_ps(_mm256_set1_ps(-0.0f), sign.v));
    }

    NONLIN_FN friend f32 plus_exponent(f32 a, f32 shifted, int bits) {
        const __m256i n = _mm256_slli_epi32(_mm256_castps_si256(shifted.v), 23 - bits);
        return _mm256_castsi256_ps(_mm256_add_epi32(n, _mm256_castps_si256(a.v)));
    }
    NONLIN_FN friend f32 lookup8(const float* table, f32 shifted) {
        return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), _mm256_castps_si256(shifted.v));
    }
};

struct mask64 {
    __m256d m;
    NONLIN_FN friend mask64 operator&(mask64 a, mask64 b) { return {_mm256_and_pd(a.m, b.m)}; }
    NONLIN_FN friend mask64 operator|(mask64 a, mask64 b) { return {_mm256_or_pd(a.m, b.m)}; }
    NONLIN_FN friend mask64 operator!(mask64 a) {
        return {_mm256_xor_pd(a.m, _mm256_castsi256_pd(_mm256_set1_epi64x(-1)))};
    }
    NONLIN_FN friend bool any(mask64 a) { return _mm256_movemask_pd(a.m) != 0; }
};

NONLIN_FN __m256d load4(const double* p) { return _mm256_loadu_pd(p); }
NONLIN_FN __m256d load4(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }
NONLIN_FN void store4(double* p, __m256d v) { _mm256_storeu_pd(p, v); }
NONLIN_FN void store4(float* p, __m256d v) { _mm_storeu_ps(p, _mm256_cvtpd_ps(v)); }

template <class Data>
struct lanes64 {
    __m256d v;

    using data = Data;
    using precise = lanes64<double>;
    static constexpr int lanes = 4;
    static constexpr bool extended = sizeof(Data) < sizeof(double);
    static constexpr bool single = false;
    static constexpr double shifter = 0x1.8p52;

    lanes64() = default;
    NONLIN_FN lanes64(__m256d a) : v(a) {}
    NONLIN_FN lanes64(double c) : v(_mm256_set1_pd(c)) {}
    NONLIN_FN static lanes64 load(const Data* p) { return load4(p); }
    NONLIN_FN void store(Data* p) const { store4(p, v); }
    NONLIN_FN static lanes64 load_parameter(const double* p) { return load4(p); }
    NONLIN_FN precise to_precise() const { return v; }
    NONLIN_FN static lanes64 from_precise(precise a) { return a.v; }

    NONLIN_FN friend lanes64 operator+(lanes64 a, lanes64 b) { return _mm256_add_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator-(lanes64 a, lanes64 b) { return _mm256_sub_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator*(lanes64 a, lanes64 b) { return _mm256_mul_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator/(lanes64 a, lanes64 b) { return _mm256_div_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 operator-(lanes64 a) {
        return _mm256_xor_pd(a.v, _mm256_set1_pd(-0.0));
    }

    NONLIN_FN friend mask64 operator<(lanes64 a, lanes64 b) {
        return {_mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ)};
    }
    NONLIN_FN friend mask64 operator<=(lanes64 a, lanes64 b) {
        return {_mm256_cmp_pd(a.v, b.v, _CMP_LE_OQ)};
    }
    NONLIN_FN friend mask64 operator>(lanes64 a, lanes64 b) {
        return {_mm256_cmp_pd(a.v, b.v, _CMP_GT_OQ)};
    }
    NONLIN_FN friend mask64 operator>=(lanes64 a, lanes64 b) {
        return {_mm256_cmp_pd(a.v, b.v, _CMP_GE_OQ)};
    }
    NONLIN_FN friend mask64 operator==(lanes64 a, lanes64 b) {
        return {_mm256_cmp_pd(a.v, b.v, _CMP_EQ_OQ)};
    }
    NONLIN_FN friend mask64 is_nan(lanes64 a) { return {_mm256_cmp_pd(a.v, a.v, _CMP_UNORD_Q)}; }
    NONLIN_FN friend lanes64 select(mask64 m, lanes64 a, lanes64 b) {
        return _mm256_blendv_pd(b.v, a.v, m.m);
    }

    NONLIN_FN friend lanes64 mul_add(lanes64 a, lanes64 b, lanes64 c) {
        return _mm256_fmadd_pd(a.v, b.v, c.v);
    }
    NONLIN_FN friend lanes64 neg_mul_add(lanes64 a, lanes64 b, lanes64 c) {
        return _mm256_fnmadd_pd(a.v, b.v, c.v);
    }
    NONLIN_FN friend lanes64 minimum(lanes64 a, lanes64 b) { return _mm256_min_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 maximum(lanes64 a, lanes64 b) { return _mm256_max_pd(a.v, b.v); }
    NONLIN_FN friend lanes64 magnitude(lanes64 a) {
        return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v);
    }
    NONLIN_FN friend lanes64 with_sign(lanes64 a, lanes64 sign) {
        return _mm256_or_pd(a.v, _mm256_and_pd(_mm256_set1_pd(-0.0), sign.v));
    }
    NONLIN_FN friend lanes64 square_root(lanes64 a) { return _mm256_sqrt_pd(a.v); }

    NONLIN_FN friend lanes64 power_of_two(lanes64 shifted, int drop) {
        const __m256i n = _mm256_srli_epi64(_mm256_castpd_si256(shifted.v), drop);
        const __m256i one = _mm256_castpd_si256(_mm256_set1_pd(1.0));
        return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_slli_epi64(n, 52), one));
    }
    NONLIN_FN friend lanes64 lookup(const double* table, lanes64 shifted, int bits) {
        const __m256i low = _mm256_set1_epi64x((1ll << bits) - 1);
        return _mm256_i64gather_pd(table, _mm256_and_si256(_mm256_castpd_si256(shifted.v), low), 8);
    }
    NONLIN_FN friend lanes64 exponent(lanes64 a) {
        const __m256i biased = _mm256_srli_epi64(_mm256_castpd_si256(a.v), 52);
        const __m256i two52 = _mm256_castpd_si256(_mm256_set1_pd(0x1p52));
        return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(biased, two52)),
                             _mm256_set1_pd(0x1p52 + 1023));
    }
};

using f32w = lanes64<float>;
using f64 = lanes64<double>;

}  // namespace
}  // namespace avx2
}  // namespace nonlin
