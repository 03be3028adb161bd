// What the row functions share: the kinds of their operands, and a row in which some entries are
// masked.
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>
#include <nonlin/math/two.h>
#include <nonlin/traits.h>

namespace nonlin {

// Kinds of operands, one letter each; rowwise.h lists them.
struct Operands {
    const char* inputs;
    const char* outputs;
};

// result, but `otherwise` where the entry of operand k is masked
template <bool masked, class Lanes, class Row, class At>
NONLIN_FN Lanes unless_masked(const Row& row, At at, Lanes result, double otherwise, int k = 0) {
    if constexpr (masked) {
        return select(row.template kept<Lanes>(k + 1, at), result, Lanes(otherwise));
    } else {
        return result;
    }
}
// NaN if x(at) is NaN anywhere in the row, else 0
template <class Row, class X>
NONLIN_FN typename Row::W nan_among(const Row& row, const X& x) {
    using W = typename Row::W;
    const auto only_nan = [&](auto at) {
        const auto given = x(at);
        const auto kept = select(is_nan(given), given, decltype(x(at))(0.0));
        if constexpr (same<decltype(x(at)), W>) {
            return Two<W>(kept);
        } else {
            return Row::widened(kept);
        }
    };
    return row.sum(only_nan).hi;
}
// Operand k, a row of data; where the entries have a mask, operand k + 1, masked ones are -inf.
template <bool masked, class Lanes, class Row, class At>
NONLIN_FN Lanes entry(const Row& row, At at, int k = 0) {
    return unless_masked<masked>(row, at, row.template load<Lanes>(k, at), -infinity, k);
}

}  // namespace nonlin
