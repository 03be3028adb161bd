// float16 and bfloat16: all 65536 numbers, and float32 numbers rounded to them, against rounding
// done in exact arithmetic: a quotient by the last place, cut and compared with one half.
#include <nonlin/half.h>

#include <cmath>
#include <initializer_list>

#include "calls.h"
#include "check.h"

namespace {

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

// Of the 15 bits beside the sign, so many stand behind the point; the others are the exponent.
struct Format {
    calls::Dtype dtype;
    int fraction_bits;
    float (*widened)(unsigned short);
    unsigned short (*rounded)(float);

    const char* name() const { return calls::dtype_names[static_cast<int>(dtype)]; }
    unsigned one() const { return 1u << fraction_bits; }  // in units of the fraction
    unsigned infinity() const { return 0x7FFF & ~(one() - 1); }
    int bias() const { return static_cast<int>(0x3FFF >> fraction_bits); }
    int least() const { return 1 - bias() - fraction_bits; }  // 2^least is the least number

    // The value of a number, sign apart; for infinity, that of the next exponent.
    double magnitude(unsigned half) const {
        const int exponent = static_cast<int>((half & 0x7FFF) >> fraction_bits);
        const unsigned fraction = half & (one() - 1);
        return exponent == 0 ? std::ldexp(fraction, least())
                             : std::ldexp(one() + fraction, least() + exponent - 1);
    }

    unsigned exactly_rounded(float value) const {
        const unsigned sign = std::signbit(value) ? 0x8000 : 0;
        const double size = std::fabs(static_cast<double>(value));
        if (std::isinf(value)) return sign | infinity();
        if (size == 0) return sign;
        int exponent;  // size = fraction 2^exponent, 1/2 <= fraction < 1
        std::frexp(size, &exponent);
        const int normal = exponent - 1 - fraction_bits;
        const int last_place = normal > least() ? normal : least();
        const double quotient = std::ldexp(size, -last_place);  // exact: a power of two
        double whole = std::floor(quotient);
        const double rest = quotient - whole;
        if (rest > 0.5 || (rest == 0.5 && std::fmod(whole, 2) == 1)) whole += 1;
        // Patterns count on from one exponent to the next.
        const unsigned pattern =
            static_cast<unsigned>(last_place - least()) * one() + static_cast<unsigned>(whole);
        return sign | (pattern < infinity() ? pattern : infinity());
    }
};

constexpr Format formats[] = {
    {calls::Dtype::float16, 10, [](unsigned short h) { return nonlin::float_from_half(h); },
     [](float x) { return nonlin::half_from_float(x); }},
    {calls::Dtype::bfloat16, 7, [](unsigned short h) { return nonlin::float_from_bfloat16(h); },
     [](float x) { return nonlin::bfloat16_from_float(x); }},
};

void check_rounding(const Format& format, float value) {
    const unsigned got = format.rounded(value);
    if (std::isnan(value)) {
        CHECK((got & 0x7FFF) > format.infinity(), "%s: NaN %08x gave %04x", format.name(),
              bits_of(value), got);
    } else {
        const unsigned exact = format.exactly_rounded(value);
        CHECK(got == exact, "%s: %a gave %04x, not %04x", format.name(), static_cast<double>(value),
              got, exact);
    }
}

void every_number(const Format& format) {
    for (unsigned half = 0; half < 0x10000; ++half) {
        const float value = format.widened(static_cast<std::uint16_t>(half));
        const unsigned rest = half & 0x7FFF;
        if (rest > format.infinity()) {
            CHECK(std::isnan(value), "%s: NaN %04x gave %a", format.name(), half,
                  static_cast<double>(value));
            continue;
        }
        const double size = rest == format.infinity() ? HUGE_VAL : format.magnitude(half);
        CHECK(static_cast<double>(std::fabs(value)) == size && std::signbit(value) == half >> 15,
              "%s: %04x gave %a", format.name(), half, static_cast<double>(value));
        CHECK(format.rounded(value) == half, "%s: %04x and back gave %04x", format.name(), half,
              format.rounded(value));
        if (rest == format.infinity()) continue;
        // The neighbours, and the border to the next number with its neighbours.
        const double above = format.magnitude(half + 1);
        const float border = static_cast<float>((size + above) / 2);
        for (const float near : {value, std::copysign(border, value)}) {
            for (const std::uint32_t step : {0u, 1u, ~0u})
                check_rounding(format, from_bits(bits_of(near) + step));
        }
    }
}

// linear(x) = x: every number keeps its bits in run(), NaN stays NaN.
void through_run(const Format& format) {
    static std::uint16_t x[0x10000], y[0x10000];
    for (unsigned i = 0; i < 0x10000; ++i) x[i] = static_cast<std::uint16_t>(i);
    double slope = 1;
    calls::for_each_isa([&](const char* isa) {
        const calls::Array parameter{&slope, 0}, out{y, 2};
        calls::Function{0, calls::Direction::value, format.dtype}({}, {x, 2}, &parameter, &out,
                                                                  0x10000);
        for (unsigned i = 0; i < 0x10000; ++i) {
            const bool nan = (i & 0x7FFF) > format.infinity();
            CHECK(nan ? (y[i] & 0x7FFF) > format.infinity() : y[i] == i, "%s, %s: %04x gave %04x",
                  format.name(), isa, i, y[i]);
        }
    });
}

}  // namespace

int main() {
    for (const Format& format : formats) {
        every_number(format);
        for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 257) {
            check_rounding(format, from_bits(static_cast<std::uint32_t>(bits)));
        }
        through_run(format);
    }
    return check::result();
}
