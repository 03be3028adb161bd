// Division by a number that a call knows: a product and a shift, where a division of 32 bits takes
// ten times as long. T. Granlund, P. L. Montgomery, "Division by invariant integers using
// multiplication", PLDI 1994.
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
    // For dividends of at most `most`. With 2^(l - 1) < by <= 2^l, the factor exceeds
    // 2^(31 + l) / by by at most 1, and the quotient of a number below 2^31 by less than 1 / by.
    Divisor(std::size_t by_, std::size_t most) : by(by_) {
        if (by == 0 || by > limit || most >= limit) return;
        while ((std::size_t{1} << (shift - 31)) < by) ++shift;
        factor = static_cast<unsigned>((1ull << shift) / by + 1);
    }
    NONLIN_FN Divided divided(std::size_t n) const {
        const std::size_t quotient =
            factor == 0
                ? n / by
                : static_cast<std::size_t>(1ull * static_cast<unsigned>(n) * factor >> shift);
        return {quotient, n - quotient * by};
    }

private:
    static constexpr std::size_t limit = std::size_t{1} << 31;
    std::size_t by = 1;
    unsigned factor = 0;  // 0: too large for it
    int shift = 31;
};

}  // namespace nonlin::cuda
