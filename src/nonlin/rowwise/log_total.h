// The logarithm of a softmax's denominator.
#pragma once

#include <nonlin/math/log1p.h>
#include <nonlin/rowwise/weights.h>
#include <nonlin/rowwise/operands.h>

namespace nonlin {

// The weights of a row, but -0 for the maxima, and 0 for -inf, which is far below every other
// entry, but whose weight a large factor could show.
template <class V, class W, class X>
class WeightsBelow {
public:
    // m: the maximum of the row.
    template <class Row>
    NONLIN_FN WeightsBelow(const Row& row, const X& x_, W m, W temperature)
        : x(x_), weight(row, m, temperature), largest(Row::narrow(m)) {}

    template <class At>
    NONLIN_FN auto operator()(At at) const {
        const V given = x(at);
        const auto e = weight(given);
        const decltype(weight(given)) zero(V(0.0)), maximal(-zero);
        return select(given == largest, maximal, select(given == V(-infinity), zero, e));
    }

private:
    const X& x;
    Weights<V, W> weight;
    V largest;
};

// The weights of a row with maximum m, summed in the parts from which their total's logarithm comes
// without cancellation: log1p of all terms but one maximum, so that a row that one entry dominates
// keeps its digits.
template <class W>
struct WeightSums {
    Two<W> top;   // the weight of the maximum
    Two<W> rest;  // the sum of the weights below it
    Two<W> ties;  // how many more entries are the maximum; NaN if it is infinite

    // All but the rest, whose sum comes after: storing its terms may overwrite the row.
    template <class Row, class X>
    NONLIN_FN WeightSums(Row& row, const X& x, W m, W temperature)
        : top(Weights<typename Row::V, W>::of_maximum(m, temperature)) {
        using V = typename Row::V;
        const V largest = Row::narrow(m);
        ties = row.template count<V>([&](auto at) { return x(at) == largest; }) - W(1.0) + (m - m);
    }

    NONLIN_FN Two<W> but_one_maximum() const { return rest + ties * top; }
    NONLIN_FN Two<W> logarithm() const {
        const Two<W> others = rest / top + ties;
        return log1p(others, one_plus(others), W(0.0));
    }
};

// log of the sum of e^((x - m) / T) >= 0
template <class V, class W, class Row, class X>
NONLIN_FN Two<W> log_total(Row& row, const X& x, W m, W temperature) {
    const auto exactly = [&] {
        const WeightsBelow<V, W, X> below(row, x, m, temperature);
        WeightSums<W> sums(row, x, m, temperature);
        sums.rest = row.sum(below);
        return sums.logarithm();
    };
    // Few entries are mostly dominated by one, in this lane or in another.
    if (any(row.size() < W(24.0))) return exactly();
    const Weights<V, W> weight(row, m, temperature);
    const Two<W> all = row.sum([&](auto at) { return weight(x(at)); });
    const Two<W> but_one = all - Row::widened(weight(Row::narrow(m)));
    const Two<W> others = but_one / Weights<V, W>::of_maximum(m, temperature);
    const Two<W> y = log1p(others, one_plus(others), W(0.0));
    // Less has lost digits in the sum. Nor is it clear if it is NaN.
    const auto clear = others.hi > W(0.5);
    if (!any(!clear)) return y;
    return select(clear, y, exactly());
}

}  // namespace nonlin
