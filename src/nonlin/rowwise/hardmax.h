// The largest entry of a row: its place, and its value.
#pragma once

#include <nonlin/rowwise/operands.h>

namespace nonlin {

// The place of the first largest entry; NaN if an entry is NaN.
template <bool masked, class Row>
NONLIN_FN typename Row::W place_of_maximum(Row& row, int k) {
    using W = typename Row::W;
    const auto x = [&](auto at) { return entry<masked, W>(row, at, k); };
    const W m = row.maximum(x);
    const W last = row.maximum([&](auto at) {
        const W here = select(x(at) == m, -row.template place<W>(at), W(-infinity));
        return unless_masked<masked>(row, at, here, -infinity, k);
    });
    return nan_among(row, x) - last;
}

// 1 at the first largest entry, 0 elsewhere.
template <bool masked>
struct hardmax_of {
    static constexpr Operands operands = {masked ? "xb" : "x", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const W first = place_of_maximum<masked>(row, 0);
        row.each([&](auto at) {
            const W y = select(row.template place<W>(at) == first, W(1.0), first - first);
            row.store(at, unless_masked<masked>(row, at, y, 0.0));
        });
    }
};
struct hardmax : hardmax_of<false> {};
struct hardmax_where : hardmax_of<true> {};

// The largest entry; NaN if an entry is NaN.
struct maximum_of_row {
    static constexpr Operands operands = {"x", "s"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const W first = place_of_maximum<false>(row, 0);
        W m = row.maximum([&](auto at) { return row.template load<W>(0, at); });
        // Which zero a maximum over lanes is depends on their number.
        const auto zero = m == W(0.0);
        if (any(zero)) m = select(zero, row.pick(0, select(first >= W(0.0), first, W(0.0))), m);
        row.store_scalar(select(is_nan(first), first, m));
    }
};
// The gradient goes to the first largest entry.
struct maximum_of_row_backward {
    static constexpr Operands operands = {"sx", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const W first = place_of_maximum<false>(row, 1);
        row.each([&](auto at) {
            const auto here = row.template place<W>(at) == first;
            row.store(at, select(here, row.scalar(0), first - first));
        });
    }
};

}  // namespace nonlin
