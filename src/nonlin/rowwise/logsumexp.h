// log of the sum of e^(x / T).
#pragma once

#include <nonlin/rowwise/log_total.h>

namespace nonlin {

// m / T + log of the weights, which cancel near a root of the sum.
template <bool masked>
struct logsumexp_of {
    static constexpr Operands operands = {masked ? "xbp" : "xp", "s"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        const auto y = computed(row);
        if constexpr (same<typename Row::V, typename Row::W>) {
            row.store_scalar(y);
        } else {
            // Weights of float32 data are off by 2^-25.3 at most, and so is the logarithm: enough
            // for results that are not below 1.
            const auto wide = y.to_precise();
            const auto small = magnitude(wide) < decltype(y.to_precise())(1.0);
            if (!any(small)) return row.store_scalar(y);
            auto precise = row.precise();
            precise.store_scalar(select(small, computed(precise), wide));
        }
    }

private:
    template <class Row>
    NONLIN_FN static typename Row::W computed(Row& row) {
        using V = typename Row::V;
        using W = typename Row::W;
        const auto x = [&](auto at) { return entry<masked, V>(row, at); };
        const W m = row.maximum(x), temperature = row.parameter(masked ? 2 : 1);
        const Two<W> log = logarithm<V, W>(row, x, m, temperature);
        const W y = rounded_or(Two<W>(m) / Two<W>(temperature) + log, m / temperature + log.hi);
        // No entry but -inf: the sum is 0. An infinite one: infinite, unless another is NaN.
        const auto endless = magnitude(m) == W(infinity);
        return any(endless) ? select(endless, m + nan_among(row, x), y) : y;
    }
    template <class V, class W, class Row, class X>
    NONLIN_FN static Two<W> logarithm(Row& row, const X& x, W m, W temperature) {
        if constexpr (same<V, W>) {
            return log_total<V, W>(row, x, m, temperature);
        } else {
            const Weights<V, W> weight(row, m, temperature);
            const Two<W> total = row.sum([&](auto at) { return weight(x(at)); });
            const Two<W> sum = total / Weights<V, W>::of_maximum(m, temperature);
            return log1p(sum - Two<W>(1.0), sum, W(0.0));
        }
    }
};
struct logsumexp : logsumexp_of<false> {};
struct logsumexp_where : logsumexp_of<true> {};

// dx = g softmax(x / T) / T. Right for float32 data with |g| / T up to 2^93 (weights.h).
template <bool masked>
struct logsumexp_backward_of {
    static constexpr Operands operands = {masked ? "sxbp" : "sxp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using V = typename Row::V;
        using W = typename Row::W;
        const auto x = [&](auto at) { return entry<masked, V>(row, at, 1); };
        const W temperature = row.parameter(masked ? 3 : 2);
        const Weights<V, W> weight(row, row.maximum(x), temperature);
        const auto term = [&](auto at) {
            const V given = x(at);
            // -inf is far below every other entry, but a large gradient could show its weight.
            return select(given == V(-infinity), decltype(weight(given))(V(0.0)), weight(given));
        };
        typename Row::Terms terms;
        const Two<W> total = row.sum_terms(term, terms);
        const W g = row.scalar(0), plain_factor = g / (total.hi * temperature);
        const Two<W> factor = Two<W>(g) / (total * temperature);
        row.each_term(term, terms, [&](auto at, const auto& w) {
            const Two<W> both = Row::widened(w);
            const W dx = rounded_or(both * factor, both.hi * plain_factor);
            row.store(at, unless_masked<masked>(row, at, dx, 0.0, 1));
        });
    }
};
struct logsumexp_backward : logsumexp_backward_of<false> {};
struct logsumexp_backward_where : logsumexp_backward_of<true> {};

}  // namespace nonlin
