// float16 (IEEE binary16) to float32 and back, rounded to nearest even, in integers: the same bits
// on every CPU.
#pragma once

#include <cstdint>
#include <cstring>

namespace nonlin {

inline float float_from_half(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
    const std::uint32_t rest = half & 0x7FFFu;
    float value;
    if (rest < 0x0400u) {  // zero and subnormals: a multiple of 2^-24
        value = static_cast<float>(rest) * 0x1p-24f;
        std::uint32_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        bits |= sign;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    const std::uint32_t exponent_shift = rest >= 0x7C00u ? (255u - 31u) << 23 : (127u - 15u) << 23;
    const std::uint32_t bits = sign | ((rest << 13) + exponent_shift);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

inline std::uint16_t half_from_float(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const std::uint16_t sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
    bits &= 0x7FFFFFFFu;
    if (bits > 0x7F800000u) return sign | 0x7E00u;   // NaN
    if (bits >= 0x477FF000u) return sign | 0x7C00u;  // rounds to infinity
    if (bits < 0x38800000u) {                        // below 2^-14: a multiple of 2^-24
        std::memcpy(&value, &bits, sizeof value);
        value += 0.5f;  // leaves value / 2^-24, rounded to nearest even, in the last bits
        std::memcpy(&bits, &value, sizeof bits);
        return static_cast<std::uint16_t>(sign | (bits - 0x3F000000u));
    }
    bits += 0x0FFFu + (bits >> 13 & 1u);
    return static_cast<std::uint16_t>(sign | ((bits - ((127u - 15u) << 23)) >> 13));
}

}  // namespace nonlin
