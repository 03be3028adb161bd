// Division by a number that a call knows: a product and a shift, where a division takes ten times
// as long. T. Granlund, P. L. Montgomery, "Division by invariant integers using multiplication",
// PLDI 1994.
#pragma once

#include <nonlin/fn.h>

#include <cstddef>

namespace nonlin::cuda {

struct Divided {
    std::size_t quotient, remainder;
};

class Divisor {
public:
    Divisor() = default;
    // For dividends of at most `most`: below 2^31, products of 64 bits do, else of 128. With
    // 2^(l - 1) < by <= 2^l, the factor exceeds 2^(bits + l) / by by at most 1, and the quotient of
    // a number below 2^bits by less than 1 / by.
    Divisor(std::size_t by_, std::size_t most) : by(by_) {
        if (by < 2) return;
        while ((by - 1) >> shift != 0) ++shift;
        narrow = by < limit && most < limit;
        factor = static_cast<std::size_t>((Wide(1) << ((narrow ? 31 : 63) + shift)) / by + 1);
        --shift;
    }
    NONLIN_FN Divided divided(std::size_t dividend) const {
        std::size_t quotient = dividend;
        if (narrow) {
            quotient = static_cast<unsigned>(dividend) * factor >> 32 >> shift;
        } else if (factor != 0) {
            quotient = static_cast<std::size_t>(Wide(dividend) * factor >> 64) >> shift;
        }
        return {quotient, dividend - quotient * by};
    }

private:
    using Wide = unsigned __int128;
    static constexpr std::size_t limit = std::size_t{1} << 31;
    std::size_t by = 1, factor = 0;  // 0: by is 1
    int shift = 0;
    bool narrow = false;
};

}  // namespace nonlin::cuda
