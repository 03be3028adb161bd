// log of the sum of e^(x / T).
#pragma once

#include <nonlin/rowwise/log_total.h>

namespace nonlin {

// m / T + log of the weights. Near a root of the sum the two cancel, so that float32 rows, too, are
// computed in the two parts of float64 data.
template <bool masked>
struct logsumexp_of {
    static constexpr Operands operands = {masked ? "xbp" : "xp", "s"};
    static constexpr bool precise = true;

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const auto x = [&](auto at) { return entry<masked, W>(row, at); };
        const W m = row.maximum(x), temperature = row.parameter(masked ? 2 : 1);
        const Two<W> log_total = nonlin::log_total<W, W>(row, x, m, temperature);
        const W y =
            rounded_or(Two<W>(m) / Two<W>(temperature) + log_total, m / temperature + log_total.hi);
        // No entry but -inf: the sum is 0. An infinite one: infinite, unless another is NaN.
        row.store_scalar(select(magnitude(m) == W(infinity), m + nan_among(row, x), y));
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
