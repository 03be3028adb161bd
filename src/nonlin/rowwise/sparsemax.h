// Sparse relatives of softmax: sparsemax, the projection of x / T onto the simplex, and entmax with
// alpha = 1.5.
//
// Sources: A. Martins, R. Astudillo, ICML 2016; B. Peters, V. Niculae, A. Martins, ACL 2019.
#pragma once

#include <nonlin/rowwise/operands.h>

namespace nonlin {

// u = (x - m) / (scale T), at most 0; the result is (u - tau)^power where u exceeds tau, else 0,
// with the one tau in [-1, 0) for which the row sums to 1. tau is approached from below.
template <class Sparse, bool masked>
struct sparse_of {
    static constexpr Operands operands = {masked ? "xbp" : "xp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const auto x = [&](auto at) { return entry<masked, W>(row, at); };
        const W m = row.maximum(x);
        const W inverse = W(1.0 / Sparse::scale) / row.parameter(masked ? 2 : 1);
        const auto u = [&](auto at) { return (x(at) - m) * inverse; };
        // NaN and infinities in the row make tau NaN, and all results.
        const Two<W> nan =
            row.sum([&](auto at) { return Two<W>(select(u(at) <= W(0.0), W(0.0), u(at))); });
        W tau = W(-1.0) + nan.hi;
        for (;;) {
            const W next = Sparse::next(row, u, tau);
            const auto moved = next > tau;
            if (!any(moved)) break;
            tau = select(moved, next, tau);
        }
        row.each([&](auto at) {
            const W above = maximum(W(0.0), u(at) - tau);
            row.store(at, unless_masked<masked>(row, at, Sparse::result(above), 0.0));
        });
    }
};

struct Sparsemax {
    static constexpr double scale = 1;

    // Of the entries above tau: (sum u - 1) / count.
    template <class Row, class U, class W>
    NONLIN_FN static W next(Row& row, const U& u, W tau) {
        const W count = row.template count<W>([&](auto at) { return u(at) > tau; });
        const Two<W> total =
            row.sum([&](auto at) { return Two<W>(select(u(at) > tau, u(at), W(0.0))); });
        return rounded((total - Two<W>(1.0)) / Two<W>(count));
    }
    template <class W>
    NONLIN_FN static W result(W above) {
        return above;
    }
};

struct Entmax15 {
    static constexpr double scale = 2;

    // Newton's step for sum (u - tau)^2 = 1, a convex function of tau.
    template <class Row, class U, class W>
    NONLIN_FN static W next(Row& row, const U& u, W tau) {
        const auto above = [&](auto at) { return maximum(W(0.0), u(at) - tau); };
        const Two<W> total = row.sum([&](auto at) { return Two<W>(above(at)); });
        const Two<W> squares = row.sum([&](auto at) { return Two<W>(squared(above(at))); });
        return tau + rounded((squares - Two<W>(1.0)) / (total + total));
    }
    template <class W>
    NONLIN_FN static W result(W above) {
        return squared(above);
    }
};

struct sparsemax : sparse_of<Sparsemax, false> {};
struct sparsemax_where : sparse_of<Sparsemax, true> {};
struct entmax15 : sparse_of<Entmax15, false> {};
struct entmax15_where : sparse_of<Entmax15, true> {};

// From the output y: dx = w (g - sum w g / sum w) / T with w = 1 on the support of sparsemax, and
// sqrt(y) for entmax15. Off the support dx is 0, whatever g.
template <bool square_roots>
struct sparse_backward_of {
    static constexpr Operands operands = {"xxp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using W = typename Row::W;
        const auto gradient = [&](auto at) {
            const W y = row.template load<W>(1, at);
            return select(y == W(0.0), W(0.0), row.template load<W>(0, at));
        };
        const auto weight = [&](auto at) {
            const W y = row.template load<W>(1, at);
            if constexpr (square_roots) {
                return square_root(y);
            } else {
                return select(y == W(0.0), y, W(1.0) + (y - y));  // NaN stays
            }
        };
        const Two<W> weights = row.sum([&](auto at) { return Two<W>(weight(at)); });
        const Two<W> dot =
            row.sum([&](auto at) { return exact_product(weight(at), gradient(at)); });
        // A row that is masked altogether has no weights.
        const Two<W> mean = select(weights.hi == W(0.0), Two<W>(0.0), dot / weights);
        const Two<W> inverse = Two<W>(1.0) / Two<W>(row.parameter(2));
        row.each([&](auto at) {
            const W g = gradient(at), w = weight(at);
            const W plain = (g - mean.hi) * w * inverse.hi;
            row.store(at, rounded_or((Two<W>(g) - mean) * w * inverse, plain));
        });
    }
};
struct sparsemax_backward : sparse_backward_of<false> {};
struct entmax15_backward : sparse_backward_of<true> {};

}  // namespace nonlin
