// float16 (IEEE binary16) and bfloat16 to float32 and back, rounded to nearest even, subnormals
// included: in integers, so that every CPU gives the same bits.
#pragma once

#include <nonlin/bits.h>

namespace nonlin {

// No branch in any of them: the compiler makes vectors of a loop over them.

NONLIN_FN float float_from_half(unsigned short half) {
    const unsigned sign = (half & 0x8000u) << 16, rest = half & 0x7FFFu;
    // Zero and subnormals: a multiple of 2^-24.
    const unsigned low = bits_of(static_cast<float>(static_cast<int>(rest)) * 0x1p-24f);
    const unsigned shift = rest >= 0x7C00u ? (255u - 31u) << 23 : (127u - 15u) << 23;
    return from_bits(sign | (rest < 0x0400u ? low : (rest << 13) + shift));
}

NONLIN_FN unsigned short half_from_float(float given) {
    const unsigned bits = bits_of(given);
    const unsigned sign = bits >> 16 & 0x8000u;
    const int rest = static_cast<int>(bits & 0x7FFFFFFFu);  // int: vectors compare these faster
    // Below 2^-14 a multiple of 2^-24: adding 0.5 leaves value / 2^-24, rounded to nearest even, in
    // the last bits.
    const float size = from_bits(static_cast<unsigned>(rest < 0x38800000 ? rest : 0));
    const int low = static_cast<int>(bits_of(size + 0.5f)) - 0x3F000000;
    const int normal = (rest + 0x0FFF + (rest >> 13 & 1) - ((127 - 15) << 23)) >> 13;
    int half = rest < 0x38800000 ? low : normal;
    half = rest >= 0x477FF000 ? 0x7C00 : half;  // rounds to infinity
    half = rest > 0x7F800000 ? 0x7E00 : half;   // NaN
    return static_cast<unsigned short>(sign | static_cast<unsigned>(half));
}

NONLIN_FN float float_from_bfloat16(unsigned short half) {
    return from_bits(static_cast<unsigned>(half) << 16);
}

NONLIN_FN unsigned short bfloat16_from_float(float given) {
    const unsigned bits = bits_of(given);
    const unsigned rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
    const bool nan = given != given;
    return static_cast<unsigned short>(nan ? bits >> 16 | 0x0040u : rounded);
}

}  // namespace nonlin
