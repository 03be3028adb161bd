// Losses that are sums over the elements of a row: the sum and its gradient.
#pragma once

#include <nonlin/math/log1p.h>
#include <nonlin/math/logistic.h>
#include <nonlin/rowwise/operands.h>

namespace nonlin {

// What one element adds to the loss, and its slope over the divisor.
template <class W>
struct Pointwise {
    Two<W> value;
    W slope;
};

// a y, but 0 where a is
template <class W, class Y>
NONLIN_FN Two<W> unless_zero(Two<W> a, Y y) {
    return select(a.hi == W(0.0), Two<W>(0.0), a * y);
}

// (p - t)^2
struct SquaredError {
    static constexpr const char* inputs = "xxp";
    static constexpr int divisor_operand = 2;

    template <class Row, class At>
    NONLIN_FN static Pointwise<typename Row::W> at(const Row& row, At at, typename Row::W divisor) {
        using W = typename Row::W;
        const Two<W> d = exact_sum(row.template load<W>(0, at), -row.template load<W>(1, at));
        const W slope = rounded(scaled(d, W(2.0)) / Two<W>(divisor));
        return {d * d, select(magnitude(d.hi) == W(infinity), d.hi, slope)};
    }
    template <class W>
    NONLIN_FN static W lost(W p, W t) {
        return unless_nan(p - t, W(0.0));
    }
};

// Losses with a weight a of the positive class.
struct TwoClasses {
    static constexpr const char* inputs = "xxvp";
    static constexpr int divisor_operand = 3;

    template <class W>
    NONLIN_FN static W lost(W prediction, W t) {
        return unless_nan(prediction, unless_nan(t, W(0.0)));
    }
};

// lifted a, lowered: what is subnormal, lowered, keeps its digits if a weight raises it.
template <class W>
NONLIN_FN Two<W> times(Two<W> lifted, Two<W> a) {
    const auto small = a.hi < W(0x1p500);
    const Two<W> unit(1.0);
    return lowered(lifted * select(small, a, unit)) * select(small, unit, a);
}

// a t log(1 + e^-x) + (1 - t) log(1 + e^x)
struct LogisticLoss : TwoClasses {
    template <class Row, class At>
    NONLIN_FN static Pointwise<typename Row::W> at(const Row& row, At at, typename Row::W divisor) {
        using W = typename Row::W;
        const W x = row.template load<W>(0, at), t = row.template load<W>(1, at);
        const Two<W> one = exact_product(t, row.load_double(2, at));
        const Two<W> zero = Two<W>(1.0) - Two<W>(t);
        // log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
        const Logistic<W> s{Two<W>(finite(x))};
        const Two<W> curve = times(log1p_of_lifted(s.lifted, Two<W>(1.0)), one + zero);
        const Two<W> lines =
            unless_zero(zero, maximum(W(0.0), x)) + unless_zero(one, maximum(W(0.0), -x));
        const auto negative = x < W(0.0);
        const Two<W> flat = times(s.lifted, select(negative, zero, one));
        const Two<W> slope = select(negative, flat - one, zero - flat) / (s.one_plus_e * divisor);
        return {curve + lines, rounded(slope)};
    }
};

// -a t log p - (1 - t) log(1 - p) for p in [0, 1]
struct BinaryLoss : TwoClasses {
    template <class Row, class At>
    NONLIN_FN static Pointwise<typename Row::W> at(const Row& row, At at, typename Row::W divisor) {
        using W = typename Row::W;
        const W p = row.template load<W>(0, at), t = row.template load<W>(1, at);
        const Two<W> one = exact_product(t, row.load_double(2, at));
        const Two<W> zero = Two<W>(1.0) - Two<W>(t);
        const Two<W> rest = Two<W>(1.0) - Two<W>(p);
        const Two<W> log_p =
            select(p == W(0.0), Two<W>(-infinity), log1p(-rest, Two<W>(p), W(0.0)));
        const Two<W> log_rest =
            select(p == W(1.0), Two<W>(-infinity), log1p(Two<W>(-p), rest, W(0.0)));
        const Two<W> value = unless_zero(one, -log_p) + unless_zero(zero, -log_rest);
        const W slope = rounded((zero / rest - one / Two<W>(p)) / Two<W>(divisor));
        // Quotients that are infinite, or whose divisor has no inverse.
        const W plain_one = select(one.hi == W(0.0), W(0.0), one.hi / p);
        const W plain_zero = select(zero.hi == W(0.0), W(0.0), zero.hi / rest.hi);
        const auto edge = (p < W(0x1p-900)) | (p == W(1.0));
        return {value, select(edge, (plain_zero - plain_one) / divisor, slope)};
    }
};

// Both divided by one number: by the count for a mean.
template <class Loss>
struct pointwise_loss_of {
    // predictions, targets, weights of the positive class, divisor; gradient, loss
    static constexpr Operands operands = {Loss::inputs, "xs"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const W divisor = row.parameter(Loss::divisor_operand);
        const Two<W> total = row.sum([&](auto at) {
            const Pointwise<W> element = Loss::at(row, at, divisor);
            row.store(at, element.slope);
            return element.value;
        });
        W loss = rounded(total / Two<W>(divisor));
        // Two<W> makes NaN of an infinite element: is there NaN in the row?
        const auto unclear = is_nan(rounded(total));
        if (any(unclear)) {
            const Two<W> nan = row.sum([&](auto at) {
                return Two<W>(Loss::lost(row.template load<W>(0, at), row.template load<W>(1, at)));
            });
            loss = select(unclear, W(infinity) + nan.hi, loss);
        }
        row.store_scalar(loss, 1);
    }
};
struct squared_error : pointwise_loss_of<SquaredError> {};
struct logistic_loss : pointwise_loss_of<LogisticLoss> {};
struct binary_loss : pointwise_loss_of<BinaryLoss> {};

}  // namespace nonlin
