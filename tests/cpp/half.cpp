// float16: all 65536 numbers, and float32 numbers rounded to them, against rounding done in exact
// arithmetic: a quotient by the last place, cut and compared with one half.
#include <nonlin/half.h>

#include <cmath>
#include <initializer_list>

#include "calls.h"
#include "check.h"

namespace {

using nonlin::float_from_half;
using nonlin::half_from_float;

std::uint32_t bits_of(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
float from_bits(std::uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// The value of a finite number, sign apart: 10 bits behind the point, 5 of exponent.
double magnitude(unsigned half) {
    const int exponent = static_cast<int>(half >> 10 & 31), fraction = half & 1023;
    return exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
}

unsigned rounded(float value) {
    const unsigned sign = std::signbit(value) ? 0x8000 : 0;
    const double size = std::fabs(static_cast<double>(value));
    if (std::isinf(value)) return sign | 0x7C00;
    if (size == 0) return sign;
    int exponent;  // size = fraction 2^exponent, 1/2 <= fraction < 1
    std::frexp(size, &exponent);
    const int last_place = exponent > -14 ? exponent - 11 : -24;  // 2^-24 is the least number
    const double quotient = std::ldexp(size, -last_place);        // exact: a power of two
    double whole = std::floor(quotient);
    const double rest = quotient - whole;
    if (rest > 0.5 || (rest == 0.5 && std::fmod(whole, 2) == 1)) whole += 1;
    const double result = std::ldexp(whole, last_place);
    if (result >= 65536) return sign | 0x7C00;
    const bool subnormal = result < 0x1p-14;
    std::frexp(result, &exponent);
    const int biased = subnormal ? 0 : exponent + 14;
    const double fraction = subnormal ? std::ldexp(result, 24) : std::ldexp(result, 11 - exponent);
    return sign | static_cast<unsigned>(biased << 10) |
           (static_cast<unsigned>(fraction) & (subnormal ? 2047u : 1023u));
}

void check_rounding(float value) {
    const unsigned got = half_from_float(value);
    if (std::isnan(value)) {
        CHECK((got & 0x7FFF) > 0x7C00, "NaN %08x gave %04x", bits_of(value), got);
    } else {
        CHECK(got == rounded(value), "%a gave %04x, not %04x", static_cast<double>(value), got,
              rounded(value));
    }
}

void every_half() {
    for (unsigned half = 0; half < 0x10000; ++half) {
        const float value = float_from_half(static_cast<std::uint16_t>(half));
        const unsigned rest = half & 0x7FFF;
        if (rest > 0x7C00) {
            CHECK(std::isnan(value), "NaN %04x gave %a", half, static_cast<double>(value));
            continue;
        }
        const double size = rest == 0x7C00 ? HUGE_VAL : magnitude(half);
        CHECK(static_cast<double>(std::fabs(value)) == size && std::signbit(value) == half >> 15,
              "%04x gave %a", half, static_cast<double>(value));
        CHECK(half_from_float(value) == half, "%04x and back gave %04x", half,
              half_from_float(value));
        if (rest == 0x7C00) continue;
        // The neighbours, and the border to the next number with its neighbours.
        const double above = rest == 0x7BFF ? 65536 : magnitude(half + 1);
        const float border = static_cast<float>((size + above) / 2);
        for (const float near : {value, std::copysign(border, value)}) {
            for (const std::uint32_t step : {0u, 1u, ~0u})
                check_rounding(from_bits(bits_of(near) + step));
        }
    }
}

// linear(x) = x: every number keeps its bits in run(), NaN stays NaN.
void through_run() {
    static std::uint16_t x[0x10000], y[0x10000];
    for (unsigned i = 0; i < 0x10000; ++i) x[i] = static_cast<std::uint16_t>(i);
    double slope = 1;
    calls::for_each_isa([&](const char* isa) {
        const calls::Array parameter{&slope, 0}, out{y, 2};
        calls::Function{0, calls::Direction::value, calls::Dtype::float16}({}, {x, 2}, &parameter,
                                                                           &out, 0x10000);
        for (unsigned i = 0; i < 0x10000; ++i) {
            const bool nan = (i & 0x7FFF) > 0x7C00;
            CHECK(nan ? (y[i] & 0x7FFF) > 0x7C00 : y[i] == i, "%s: %04x gave %04x", isa, i, y[i]);
        }
    });
}

}  // namespace

int main() {
    every_half();
    for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 257) {
        check_rounding(from_bits(static_cast<std::uint32_t>(bits)));
    }
    through_run();
    return check::result();
}
