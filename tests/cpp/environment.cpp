// The floating-point environment: run() leaves no flag, restores every setting of the caller and
// gives the same bits under all of them.
#include <cfenv>
#include <vector>

#include <xmmintrin.h>

#include "calls.h"
#include "check.h"

using namespace calls;

namespace {

constexpr std::size_t n = 259;

unsigned x87_control_and_status() {
    unsigned short control, status;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    __asm__ volatile("fnstsw %0" : "=m"(status));
    return control | static_cast<unsigned>(status & 0x3F) << 16;
}

struct Arrays {
    unsigned char grad_output[n * 8], x[n * 8], out[2][n * 8];

    explicit Arrays(Dtype dtype) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t at = i * static_cast<std::size_t>(size_of(dtype));
            put_number(dtype, i + n, grad_output + at);
            put_number(dtype, i, x + at);
        }
    }

    void run(const Function& f) {
        const std::ptrdiff_t size = size_of(f.dtype);
        double defaults[3];
        Array parameters[3];
        for (int k = 0; k < f.parameters(); ++k) {
            defaults[k] = f.entry().parameters->list[k].fallback;
            parameters[k] = {&defaults[k], 0};
        }
        const Array outs[] = {{out[0], size}, {out[1], size}};
        f({grad_output, size}, {x, size}, parameters, outs, n);
    }

    std::vector<std::uint64_t> results(const Function& f) const {
        std::vector<std::uint64_t> bits;
        for (int k = 0; k < outputs(f.direction); ++k) {
            for (std::size_t i = 0; i < n; ++i) {
                bits.push_back(
                    bits_at(f.dtype, out[k] + i * static_cast<std::size_t>(size_of(f.dtype))));
            }
        }
        return bits;
    }
};

// Default; FTZ and DAZ; the other rounding modes; all exceptions unmasked: a trap would kill us.
constexpr unsigned settings[] = {0x1F80, 0x9FC0, 0x3F80, 0x5F80, 0x7F80, 0x0000, 0xE040};

void check_settings(const Function& f) {
    Arrays arrays(f.dtype);
    std::vector<std::uint64_t> expected;
    for (const unsigned setting : settings) {
        std::feclearexcept(FE_ALL_EXCEPT);
        const unsigned x87 = x87_control_and_status();
        _mm_setcsr(setting);
        arrays.run(f);
        const unsigned after = _mm_getcsr(), x87_after = x87_control_and_status();
        _mm_setcsr(0x1F80);
        CHECK(after == setting, "%s %s %s %s: MXCSR %04x became %04x", nonlin::isa(), f.name(),
              f.way(), f.type(), setting, after);
        CHECK(x87_after == x87, "%s %s %s %s: x87 %06x became %06x", nonlin::isa(), f.name(),
              f.way(), f.type(), x87, x87_after);
        if (expected.empty()) expected = arrays.results(f);
        CHECK(arrays.results(f) == expected, "%s %s %s %s: other bits with MXCSR %04x",
              nonlin::isa(), f.name(), f.way(), f.type(), setting);
    }
}

}  // namespace

int main() {
    for_each_isa([](const char*) { for_each_function(check_settings); });
    return check::result();
}
