// softmax: e^(x / T) / sum of e^(x / T), and its logarithm.
#pragma once

#include <nonlin/rowwise/log_total.h>

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
        typename Row::Terms terms;
        const auto sum = Weights<V, W>::of(row, x, row.parameter(masked ? 2 : 1), terms);
        // 1 / total = scale + scale rest, so that each entry is rounded once more.
        const Two<W> inverse = Two<W>(1.0) / sum.total;
        const V scale = Row::narrow(rounded(inverse));
        const V rest = Row::narrow(rounded(inverse - Two<W>(Row::widen(scale))) * sum.total.hi);
        row.each_term([&](auto at) { return sum.weight(x(at)); }, terms,
                      [&](auto at, const auto& w) {
                          const V y = product(w, scale, rest);
                          row.store(at, unless_masked<masked>(row, at, y, 0.0));
                      });
    }

private:
    // A weight in one part, rounded, can be a little above a total that has it all.
    template <class V>
    NONLIN_FN static V product(V w, V scale, V rest) {
        return minimum(V(1.0), mul_add(w, scale, w * rest * scale));
    }
    template <class V>
    NONLIN_FN static V product(const Two<V, false>& w, V scale, V rest) {
        return mul_add(w.hi, scale, mul_add(w.hi, rest, w.lo) * scale);
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
        const Two<W> dot = row.sum([&](auto at) {
            const W g = row.template load<W>(0, at), y = row.template load<W>(1, at);
            return exact_product(select(y == W(0.0), W(0.0), g), y);
        });
        const Two<W> inverse = Two<W>(1.0) / Two<W>(row.parameter(2));
        row.each([&](auto at) {
            const W g = row.template load<W>(0, at), y = row.template load<W>(1, at);
            const W plain = (g * y - dot.hi * y) * inverse.hi;
            const W dx = rounded_or((Two<W>(g) - dot) * y * inverse, plain);
            row.store(at, select(y == W(0.0), W(0.0), dx));
        });
    }
};

// (x - m) / T - log of the weights: two numbers of one sign, so that nothing cancels.
template <bool masked>
struct log_softmax_of {
    static constexpr Operands operands = {masked ? "xbp" : "xp", "x"};

    template <class Row>
    NONLIN_FN static void run(Row& row) {
        using V = typename Row::V;
        using W = typename Row::W;
        const auto x = [&](auto at) { return entry<masked, V>(row, at); };
        const W m = row.maximum(x), temperature = row.parameter(masked ? 2 : 1);
        const Two<W> log_total = nonlin::log_total<V, W>(row, x, m, temperature);
        const Shifted<V, W> shifted(row, m, temperature, log_total);
        row.each([&](auto at) {
            row.store(at, unless_masked<masked>(row, at, shifted(x(at)), -infinity));
        });
    }

private:
    // (x - m) / T - log_total; -inf for -inf, where log_total is a number.
    template <class V, class W, bool single = V::single>
    struct Shifted {
        W m;
        Two<W> inverse, log_total;

        template <class Row>
        NONLIN_FN Shifted(const Row&, W m_, W temperature, Two<W> log_total_)
            : m(m_), inverse(Two<W>(1.0) / Two<W>(temperature)), log_total(log_total_) {}
        NONLIN_FN V operator()(V x) const {
            const V y = rounded(exact_sum(x, -m) * inverse - log_total);
            // Two<W> does not add infinities, nor what overflows halfway.
            const V half = (x * V(0.5) - m * V(0.5)) * inverse.hi;
            return select(is_nan(y), half + half - log_total.hi, y);
        }
    };
    // In float32 lanes three operations round, each by 2^-24 of a number not above the result. Both
    // terms are scaled where x - m could overflow. Both parts of 1 / T are above 0, so that x =
    // -inf gives -inf.
    template <class V, class W>
    struct Shifted<V, W, true> {
        V scale, minus_m, inverse, inverse_low, minus_log;

        template <class Row>
        NONLIN_FN Shifted(const Row&, W m, W temperature, Two<W> log_total) {
            const W down = select(magnitude(m) > W(0x1p100), W(0.25), W(1.0));
            const W wide = W(1.0) / (temperature * down);
            scale = Row::narrow(down);
            minus_m = Row::narrow(-m * down);
            inverse = Row::narrow(wide * W(1 - 0x1p-23));
            inverse_low = Row::narrow(wide - Row::widen(inverse));
            minus_log = Row::narrow(-log_total.hi);
        }
        NONLIN_FN V operator()(V x) const {
            const V d = mul_add(x, scale, minus_m);
            return mul_add(d, inverse, mul_add(d, inverse_low, minus_log));
        }
    };
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
        const Two<W> total = row.sum([&](auto at) {
            const W g = row.template load<W>(0, at), y = row.template load<W>(1, at);
            return Two<W>(select(y == nothing, W(0.0), g));
        });
        const Two<W> inverse = Two<W>(1.0) / Two<W>(row.parameter(2));
        row.each([&](auto at) {
            const W g = row.template load<W>(0, at), y = row.template load<W>(1, at);
            const auto e = exponential_of(Two<W>(y));
            const Two<W> p = lowered(e.lifted());
            // Near y = 0 what remains is the sum of the other g, and digits that e^y - 1 has.
            const Two<W> rest = select(y > W(-0.5), (Two<W>(g) - total) - total * e.minus_one(),
                                       Two<W>(g) - p * total);
            const W plain = (g - p.hi * total.hi) * inverse.hi;
            const W dx = rounded_or(rest * inverse, plain);
            row.store(at, select(y == nothing, W(0.0), dx));
        });
    }
};

}  // namespace nonlin
