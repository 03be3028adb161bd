// AVX-512 without AVX-512: SIMDe's portable functions under Intel's names, for the one program that
// runs the AVX-512 pack on other CPUs. This header is found in place of the compiler's.
#pragma once

#include_next <immintrin.h>

#define SIMDE_NO_INLINE  // else the kernels take many minutes to compile
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

// What SIMDe 0.7 lacks. A further function that the pack should come to use shows as "inlining
// failed ... target specific option mismatch"; it belongs here.
namespace emulated {

inline __m512d wide(__m256 from) {
    double to[8];
    for (int i = 0; i < 8; ++i) to[i] = static_cast<double>(from[i]);
    return simde_mm512_loadu_pd(to);
}
inline __m256 narrow(__m512d from) {
    float to[8];
    for (int i = 0; i < 8; ++i) to[i] = static_cast<float>(from[i]);
    return _mm256_loadu_ps(to);
}
inline __m512 four_times(__m128 from) {
    float to[16];
    for (int i = 0; i < 16; ++i) to[i] = from[i % 4];
    return simde_mm512_loadu_ps(to);
}
inline __m512 permuted(__m512 from, __m512i index) {
    float a[16], to[16];
    int at[16];
    simde_mm512_storeu_ps(a, from);
    simde_mm512_storeu_si512(at, index);
    for (int i = 0; i < 16; ++i) to[i] = a[i / 4 * 4 + (at[i] & 3)];
    return simde_mm512_loadu_ps(to);
}
inline __m512d gather(__m512d otherwise, __mmask8 mask, __m512i index, const double* from) {
    double to[8];
    for (int i = 0; i < 8; ++i) to[i] = mask >> i & 1 ? from[index[i]] : otherwise[i];
    return simde_mm512_loadu_pd(to);
}

}  // namespace emulated

#define _mm512_maskz_cvtps_pd(k, a) simde_mm512_maskz_mov_pd(k, emulated::wide(a))
#define _mm512_maskz_cvtpd_ps(k, a) simde_mm256_maskz_mov_ps(k, emulated::narrow(a))
#define _mm512_mask_i64gather_pd(src, k, index, from, scale) emulated::gather(src, k, index, from)
#define _mm512_maskz_broadcast_f32x4(k, a) simde_mm512_maskz_mov_ps(k, emulated::four_times(a))
#define _mm512_maskz_permutevar_ps(k, a, b) simde_mm512_maskz_mov_ps(k, emulated::permuted(a, b))
#define _mm512_maskz_sllv_epi32(k, a, n)                                                           \
    simde_mm512_maskz_mov_epi32(k, simde_mm512_sllv_epi32(a, n))
#define _mm512_maskz_sqrt_ps(k, a) simde_mm512_maskz_mov_ps(k, simde_mm512_sqrt_ps(a))
#define _mm512_maskz_sqrt_pd(k, a) simde_mm512_maskz_mov_pd(k, simde_mm512_sqrt_pd(a))
#define _mm512_maskz_slli_epi32(k, a, n)                                                           \
    simde_mm512_maskz_mov_epi32(k, simde_mm512_slli_epi32(a, n))
#define _mm512_maskz_slli_epi64(k, a, n)                                                           \
    simde_mm512_maskz_mov_epi64(k, simde_mm512_slli_epi64(a, n))
#define _mm512_maskz_srli_epi64(k, a, n)                                                           \
    simde_mm512_maskz_mov_epi64(k, simde_mm512_srli_epi64(a, n))
#define _mm512_maskz_srlv_epi64(k, a, n)                                                           \
    simde_mm512_maskz_mov_epi64(k, simde_mm512_srlv_epi64(a, n))
