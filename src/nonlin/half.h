// float16 (IEEE binary16) and bfloat16 to float32 and back, rounded to nearest even, subnormals
// included: in integers, so that every CPU gives the same bits.
#pragma once

#include <nonlin/fn.h>

namespace nonlin {

namespace half_bits {

NONLIN_FN unsigned of(float value) {
    unsigned bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}
NONLIN_FN float value(unsigned bits) {
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace half_bits

NONLIN_FN float float_from_half(unsigned short half) {
    const unsigned sign = (half & 0x8000u) << 16, rest = half & 0x7FFFu;
    if (rest < 0x0400u) {  // zero and subnormals: a multiple of 2^-24
        return half_bits::value(half_bits::of(static_cast<float>(rest) * 0x1p-24f) | sign);
    }
    const unsigned exponent_shift = rest >= 0x7C00u ? (255u - 31u) << 23 : (127u - 15u) << 23;
    return half_bits::value(sign | ((rest << 13) + exponent_shift));
}

NONLIN_FN unsigned short half_from_float(float given) {
    const unsigned bits = half_bits::of(given);
    const unsigned sign = bits >> 16 & 0x8000u, rest = bits & 0x7FFFFFFFu;
    unsigned half;
    if (rest > 0x7F800000u) {  // NaN
        half = 0x7E00u;
    } else if (rest >= 0x477FF000u) {  // rounds to infinity
        half = 0x7C00u;
    } else if (rest < 0x38800000u) {  // below 2^-14: a multiple of 2^-24
        // Adding 0.5 leaves value / 2^-24, rounded to nearest even, in the last bits.
        half = half_bits::of(half_bits::value(rest) + 0.5f) - 0x3F000000u;
    } else {
        half = (rest + 0x0FFFu + (rest >> 13 & 1u) - ((127u - 15u) << 23)) >> 13;
    }
    return static_cast<unsigned short>(sign | half);
}

NONLIN_FN float float_from_bfloat16(unsigned short half) {
    return half_bits::value(static_cast<unsigned>(half) << 16);
}

NONLIN_FN unsigned short bfloat16_from_float(float given) {
    const unsigned bits = half_bits::of(given);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) {  // NaN
        return static_cast<unsigned short>((bits >> 16 & 0x8000u) | 0x7FC0u);
    }
    return static_cast<unsigned short>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace nonlin
