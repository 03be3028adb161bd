// softmax: e^(x / T) / sum of e^(x / T), and its logarithm.
#pragma once

#include <nonlin/math/log1p.h>
#include <nonlin/math/weights.h>
#include <nonlin/rowwise/operands.h>

namespace nonlin {

template <bool masked, bool negated>
struct softmax_of {
    static constexpr Operands operands = {masked ? "xbp" : "xp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using V = typename Row::V;
        using W = typename Row::W;
        const auto x = [&](auto at) {
            const V given = row.template load<V>(0, at);
            return unless_masked<masked>(row, at, negated ? -given : given, -infinity);
        };
        const Weights<V, W> weight(row, row.maximum(x), row.parameter(masked ? 2 : 1));
        const Two<W> total =
            row.sum_after([&](auto at) { row.store(at, weight(x(at))); },
                          [&](auto at) { return Two<W>(row.template stored<W>(at)); });
        // 1 / total in two parts, so that each entry is rounded once more.
        const Two<W> inverse = Two<W>(1.0) / total;
        const V high = Row::narrow(rounded(inverse));
        const V low = Row::narrow(rounded(inverse - Two<W>(Row::widen(high))));
        row.each([&](auto at) {
            const V e = row.template stored<V>(at);
            row.store(at, unless_masked<masked>(row, at, mul_add(e, high, e * low), 0.0));
        });
    }
};
struct softmax : softmax_of<false, false> {};
struct softmax_where : softmax_of<true, false> {};
struct softmin : softmax_of<false, true> {};
struct softmin_where : softmax_of<true, true> {};

// From the output y: dx = y (g - sum g y) / T. Where y is 0, so is dx, whatever g. T < 0 makes it
// the gradient of softmin.
struct softmax_backward {
    static constexpr Operands operands = {"xxp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const auto gradient = [&](auto at, W y) {
            return select(y == W(0.0), W(0.0), row.template load<W>(0, at));
        };
        const Two<W> dot = row.sum([&](auto at) {
            const W y = row.template load<W>(1, at);
            return exact_product(gradient(at, y), y);
        });
        const Two<W> inverse = Two<W>(1.0) / Two<W>(row.parameter(2));
        row.each([&](auto at) {
            const W y = row.template load<W>(1, at);
            const Two<W> rest = Two<W>(gradient(at, y)) - dot;
            row.store(at, select(y == W(0.0), W(0.0), rounded(rest * y * inverse)));
        });
    }
};

// log of the sum of e^((x - m) / T) >= 0: log1p of the terms other than one maximum, so that a row
// that one entry dominates keeps its digits.
template <bool masked, class Row, class V, class W>
NONLIN_FN Two<W> log_of_weights(Row& row, const Weights<V, W>& weight, W m, W temperature) {
    const V largest = Row::narrow(m);
    const auto x = [&](auto at) { return entry<masked, V>(row, at); };
    const Two<W> rest = row.sum([&](auto at) {
        return Two<W>(Row::widen(select(x(at) == largest, V(0.0), weight(x(at)))));
    });
    const Two<W> maxima = row.sum(
        [&](auto at) { return Two<W>(Row::widen(select(x(at) == largest, V(1.0), V(0.0)))); });
    // m - m: NaN where m is infinite
    const Two<W> others =
        rest / Weights<V, W>::of_maximum(m, temperature) + (maxima - Two<W>(1.0)) + Two<W>(m - m);
    return log1p(others, one_plus(others), W(0.0));
}

// (x - m) / T - log of the weights: two numbers of one sign.
template <bool masked>
struct log_softmax_of {
    static constexpr Operands operands = {masked ? "xbp" : "xp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using V = typename Row::V;
        using W = typename Row::W;
        const W m = row.maximum([&](auto at) { return entry<masked, V>(row, at); });
        const W temperature = row.parameter(masked ? 2 : 1);
        const Weights<V, W> weight(row, m, temperature);
        const Two<W> log_total = log_of_weights<masked>(row, weight, m, temperature);
        const Two<W> inverse = Two<W>(1.0) / Two<W>(temperature);
        row.each([&](auto at) {
            const W x = entry<masked, W>(row, at);
            const W y = rounded(exact_sum(x, -m) * inverse - log_total);
            // Two<W> does not add infinities.
            const W whole = select(x == W(-infinity), x + log_total.hi, y);
            row.store(at, unless_masked<masked>(row, at, whole, -infinity));
        });
    }
};
struct log_softmax : log_softmax_of<false> {};
struct log_softmax_where : log_softmax_of<true> {};

// From the output y: dx = (g - e^y sum g) / T. Where y is -inf, dx is 0, whatever g.
struct log_softmax_backward {
    static constexpr Operands operands = {"xxp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const W nothing(-infinity);
        const auto gradient = [&](auto at, W y) {
            return select(y == nothing, W(0.0), row.template load<W>(0, at));
        };
        const Two<W> total =
            row.sum([&](auto at) { return Two<W>(gradient(at, row.template load<W>(1, at))); });
        const Two<W> inverse = Two<W>(1.0) / Two<W>(row.parameter(2));
        row.each([&](auto at) {
            const W y = row.template load<W>(1, at);
            const Two<W> p = lowered(exponential_of(Two<W>(y)).lifted());
            const W dx = rounded((Two<W>(gradient(at, y)) - p * total) * inverse);
            row.store(at, select(y == nothing, W(0.0), dx));
        });
    }
};

}  // namespace nonlin
