// Softmax cross-entropy: the loss and its gradient with respect to the logits.
#pragma once

#include <nonlin/rowwise/log_total.h>

namespace nonlin {

// The target of class k: w_k ((1 - s) t_k + s / n) with class weights w, label smoothing s and n
// classes. `given` holds t: a row, or the id of the class that alone has 1 (an id outside the row:
// loss and gradient are 0).
template <class Row, bool ids>
class Targets {
public:
    using W = typename Row::W;

    NONLIN_FN explicit Targets(const Row& row_)
        : row(row_), smoothing(row.parameter(3)), keep(Two<W>(1.0) - Two<W>(smoothing)),
          share(Two<W>(smoothing) / Two<W>(row.size())), id(ids ? row.integer(1) : W(0.0)) {}

    template <class At>
    NONLIN_FN Two<W> operator()(At at) const {
        const W w = row.load_double(2, at);
        if constexpr (ids) {
            const auto here = row.template place<W>(at) == id;
            return (select(here, keep, Two<W>(0.0)) + share) * w;
        } else {
            return (keep * row.template load<W>(1, at) + share) * w;
        }
    }
    template <class Lanes>
    NONLIN_FN Lanes where_counted(Lanes a) const {
        if constexpr (ids) {
            return select((id >= W(0.0)) & (id < row.size()), a, Lanes(0.0));
        } else {
            return a;
        }
    }

    struct Sums {
        Two<W> targets;  // sum of the targets q
        Two<W> lost;     // sum of q (m - x), all terms at least 0; 0 where q is, even if x is -inf
    };
    NONLIN_FN Sums sums(W m) const {
        const Targets& target = *this;
        const auto behind = [&](Two<W> q, W x) {
            return select(q.hi == W(0.0), Two<W>(0.0), q * exact_sum(m, -x));
        };
        if constexpr (ids) {
            // Without smoothing one class counts.
            if (!any(smoothing > W(0.0))) {
                const W place = where_counted(id);
                const Two<W> q = keep * row.template pick<double>(2, place);
                return {q, behind(q, row.pick(0, place))};
            }
        }
        return {row.sum([&](auto at) { return target(at); }),
                row.sum([&](auto at) { return behind(target(at), row.template load<W>(0, at)); })};
    }

private:
    const Row& row;
    W smoothing;
    Two<W> keep, share;
    W id;
};

// loss = sum of q (m - x + log of the weights), gradient = p (sum of q) - q over the divisor.
//
// Nothing cancels in the loss. With w the weights and p = w / sum w, the gradient is
// w (sum of the other q) - q (sum of the other w), over sum w: for the target that has it all, too,
// all digits of 1 - p are there. Right for float32 data whose targets' sum is up to 2^93 times the
// divisor (weights.h).
template <bool ids, bool gradient>
struct cross_entropy_of {
    // logits, targets, class weights, smoothing, divisor of the gradient; gradient, loss
    static constexpr Operands operands = {ids ? "xkvpp" : "xxvpp", gradient ? "xs" : "s"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using V = typename Row::V;
        using W = typename Row::W;
        const auto x = [&](auto at) { return row.template load<V>(0, at); };
        const W m = row.maximum(x);
        const Targets<Row, ids> target(row);
        const auto sums = target.sums(m);
        const WeightsBelow<V, W, decltype(x)> below(row, x, m, W(1.0));
        typename Row::Terms terms;
        WeightSums<W> weights(row, x, m, W(1.0));
        weights.rest = gradient ? row.sum_terms(below, terms) : row.sum(below);
        const Two<W> even = sums.targets * weights.logarithm();
        // Two<W> makes NaN of infinities: of an x of -inf that has a target, or of an overflow.
        const W loss = select(is_nan(rounded(sums.lost)), W(infinity) + rounded(even),
                              rounded(sums.lost + even));
        row.store_scalar(target.where_counted(loss), gradient ? 1 : 0);
        if constexpr (gradient) {
            const Two<W> but_one = weights.but_one_maximum();
            const Two<W> total = but_one + weights.top;
            const Two<W> divisor = total * row.parameter(4);
            row.each_term(below, terms, [&](auto at, const auto& term) {
                const Two<W> kept = Row::widened(term);
                const auto largest = with_sign(W(1.0), kept.hi) < W(0.0);
                const Two<W> w = select(largest, weights.top, kept);
                const Two<W> others = select(largest, but_one, total - kept);
                const Two<W> q = target(at);
                const Two<W> dx = (w * (sums.targets - q) - q * others) / divisor;
                row.store(at, target.where_counted(rounded(dx)));
            });
        }
    }
};
struct cross_entropy : cross_entropy_of<false, false> {};
struct cross_entropy_with_gradient : cross_entropy_of<false, true> {};
struct class_cross_entropy : cross_entropy_of<true, false> {};
struct class_cross_entropy_with_gradient : cross_entropy_of<true, true> {};

}  // namespace nonlin
