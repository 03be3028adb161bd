// The logarithm of a softmax's denominator.
#pragma once

#include <nonlin/math/log1p.h>
#include <nonlin/math/weights.h>
#include <nonlin/rowwise/operands.h>

namespace nonlin {

// The weights of a row with maximum m, summed in the parts from which their total's logarithm comes
// without cancellation: log1p of all terms but one maximum, so that a row that one entry dominates
// keeps its digits.
template <class V, class W>
struct LogTotal {
    Two<W> top;   // the weight of the maximum
    Two<W> rest;  // the sum of the weights below it
    Two<W> ties;  // how many more entries are the maximum; NaN if it is infinite

    // With `keep` the weights below the maximum stay in the first output, and 0 for the others and
    // for -inf, which is far below every other entry, but whose weight a large factor could show.
    template <bool keep = false, class Row, class X>
    NONLIN_FN static LogTotal of(Row& row, const X& x, W m, W temperature) {
        const Weights<V, W> weight(row, m, temperature);
        const V largest = Row::narrow(m);
        const auto below = [&](auto at) {
            const V given = x(at);
            const auto nothing = (given == largest) | (given == V(-infinity));
            const auto e = weight(given);
            return select(nothing, decltype(weight(given))(0.0), e);
        };
        const Two<W> ties =
            row.template count<V>([&](auto at) { return x(at) == largest; }) - W(1.0) + (m - m);
        const Two<W> top = Weights<V, W>::of_maximum(m, temperature);
        if constexpr (keep) {
            return {top, row.sum_stored(below), ties};
        } else {
            return {top, row.sum(below), ties};
        }
    }

    NONLIN_FN Two<W> but_one_maximum() const { return rest + ties * top; }
    // log of the sum of e^((x - m) / T) >= 0
    NONLIN_FN Two<W> logarithm() const {
        const Two<W> others = rest / top + ties;
        return log1p(others, one_plus(others), W(0.0));
    }
};

}  // namespace nonlin
