// Copies of tables that turn rows into columns, in instructions that every CPU has.
#pragma once

#include <stddef.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace nonlin {
namespace NONLIN_ISA {
namespace {

// to[b][a] = from[a][b]. Of both, the last index counts items that lie side by side; steps are
// bytes.
template <class Item>
void transpose_items(const char* from, ptrdiff_t from_step, size_t rows, char* to,
                     ptrdiff_t to_step, size_t columns) {
    for (size_t a = 0; a < rows; ++a, from += from_step, to += sizeof(Item)) {
        for (size_t b = 0; b < columns; ++b) {
            __builtin_memcpy(to + static_cast<ptrdiff_t>(b) * to_step, from + b * sizeof(Item),
                             sizeof(Item));
        }
    }
}

#ifdef __SSE2__
// Four by four floats, or two by two doubles.
inline void transpose_block(const float* from, ptrdiff_t from_step, float* to, ptrdiff_t to_step) {
    const auto row = [&](int a) {
        return _mm_loadu_ps(
            reinterpret_cast<const float*>(reinterpret_cast<const char*>(from) + a * from_step));
    };
    __m128 r0 = row(0), r1 = row(1), r2 = row(2), r3 = row(3);
    _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
    const auto put = [&](int b, __m128 r) {
        _mm_storeu_ps(reinterpret_cast<float*>(reinterpret_cast<char*>(to) + b * to_step), r);
    };
    put(0, r0);
    put(1, r1);
    put(2, r2);
    put(3, r3);
}
inline void transpose_block(const double* from, ptrdiff_t from_step, double* to,
                            ptrdiff_t to_step) {
    const __m128d r0 = _mm_loadu_pd(from);
    const __m128d r1 = _mm_loadu_pd(
        reinterpret_cast<const double*>(reinterpret_cast<const char*>(from) + from_step));
    _mm_storeu_pd(to, _mm_unpacklo_pd(r0, r1));
    _mm_storeu_pd(reinterpret_cast<double*>(reinterpret_cast<char*>(to) + to_step),
                  _mm_unpackhi_pd(r0, r1));
}
#endif

template <class Item>
void transpose(const char* from, ptrdiff_t from_step, size_t rows, char* to, ptrdiff_t to_step,
               size_t columns) {
    size_t whole_rows = 0, whole_columns = 0;
#ifdef __SSE2__
    constexpr size_t block = 16 / sizeof(Item);
    whole_rows = rows / block * block;
    whole_columns = columns / block * block;
    const auto turn = [&](size_t a, size_t b) {
        const char* const source = from + static_cast<ptrdiff_t>(a) * from_step + b * sizeof(Item);
        char* const target = to + static_cast<ptrdiff_t>(b) * to_step + a * sizeof(Item);
        transpose_block(reinterpret_cast<const Item*>(source), from_step,
                        reinterpret_cast<Item*>(target), to_step);
    };
    // Cache lines that lie further apart are finished first.
    if (to_step < from_step) {
        for (size_t a = 0; a < whole_rows; a += block) {
            for (size_t b = 0; b < whole_columns; b += block) turn(a, b);
        }
    } else {
        for (size_t b = 0; b < whole_columns; b += block) {
            for (size_t a = 0; a < whole_rows; a += block) turn(a, b);
        }
    }
#endif
    transpose_items<Item>(from + whole_columns * sizeof(Item), from_step, whole_rows,
                          to + static_cast<ptrdiff_t>(whole_columns) * to_step, to_step,
                          columns - whole_columns);
    transpose_items<Item>(from + static_cast<ptrdiff_t>(whole_rows) * from_step, from_step,
                          rows - whole_rows, to + whole_rows * sizeof(Item), to_step, columns);
}

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
