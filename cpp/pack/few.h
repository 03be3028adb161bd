// Loads and stores of fewer elements than a pack has: memory beyond them is neither read nor
// written. And loads of bytes as numbers.
#pragma once

#include <nonlin/fn.h>
#include <stddef.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace nonlin {
namespace NONLIN_ISA {
namespace {

#ifdef __AVX2__
constexpr int few_words[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

// The mask of those of eight words that are among the first n, where 8 k came before.
NONLIN_FN __m256i few_mask(size_t n, size_t k) {
    const size_t left = n > 8 * k ? n - 8 * k : 0;
    const int* const at = few_words + 8 - (left < 8 ? left : 8);
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
NONLIN_FN void eight_bytes(const char* from, float* to) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    _mm256_storeu_ps(to, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
}
NONLIN_FN void eight_bytes(const char* from, double* to) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    _mm256_storeu_pd(to, _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(bytes)));
    _mm256_storeu_pd(to + 4, _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_srli_epi64(bytes, 32))));
}
NONLIN_FN __m256i in_all(float a) { return _mm256_castps_si256(_mm256_set1_ps(a)); }
NONLIN_FN __m256i in_all(double a) { return _mm256_castpd_si256(_mm256_set1_pd(a)); }
#endif

// The lanes beyond the n-th become copies of the first.
template <class Item, size_t lanes>
NONLIN_FN void load_few(const Item* from, size_t n, Item (&to)[lanes]) {
#ifdef __AVX2__
    const size_t words = n * (sizeof(Item) / 4);
    for (size_t k = 0; k < sizeof to / 32; ++k) {
        const __m256i mask = few_mask(words, k);
        const __m256i few = _mm256_maskload_epi32(reinterpret_cast<const int*>(from) + 8 * k, mask);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to) + k,
                            _mm256_blendv_epi8(in_all(*from), few, mask));
    }
#else
    for (size_t j = 0; j < lanes; ++j) to[j] = from[j < n ? j : 0];
#endif
}
template <class Item, size_t lanes>
NONLIN_FN void load_bytes(const char* from, Item (&to)[lanes]) {
#ifdef __AVX2__
    for (size_t j = 0; j < lanes; j += 8) eight_bytes(from + j, to + j);
#else
    for (size_t j = 0; j < lanes; ++j) to[j] = static_cast<unsigned char>(from[j]);
#endif
}
template <class Item, size_t lanes>
NONLIN_FN void store_few(const Item (&from)[lanes], size_t n, Item* to) {
#ifdef __AVX2__
    const size_t words = n * (sizeof(Item) / 4);
    for (size_t k = 0; k < sizeof from / 32; ++k) {
        _mm256_maskstore_epi32(reinterpret_cast<int*>(to) + 8 * k, few_mask(words, k),
                               _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from) + k));
    }
#else
    for (size_t j = 0; j < lanes && j < n; ++j) to[j] = from[j];
#endif
}

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
