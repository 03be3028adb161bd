// Several short rows at once, one in each lane.
#pragma once

#include "row_types.inl"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

// The elements at place i of several rows.
struct Place {
    size_t i;
};

template <class F, class Data, bool precise_ = false>
class Across : public RowTypes<Data, precise_> {
    using Types = RowTypes<Data, precise_>;

public:
    using V = typename Types::V;
    using W = typename Types::W;
    using Terms = RowTerms<typename V::data>;
    using Types::lanes;

    NONLIN_FN static V narrow(W w) {
        if constexpr (same<V, W>) {
            return w;
        } else {
            Data t[lanes];
            w.store(t);
            return V::load(t);
        }
    }

    // Rows row, row + 1, ..., rows_ of them, at most as many as there are lanes.
    NONLIN_FN Across(const RowArguments& a, size_t row, size_t rows_)
        : length(a.length), rows(rows_) {
        for (int k = 0; k < operands; ++k) {
            const RowOperand& given = a.operands[k];
            operand[k] = {given.at + static_cast<ptrdiff_t>(row) * given.outer, given.outer,
                          given.core};
        }
    }

    // The same rows, in the lanes of float64 data.
    NONLIN_FN auto precise() const { return Across<F, Data, true>(*this); }
    NONLIN_FN explicit Across(const Across<F, Data, false>& several)
        : length(several.length), rows(several.rows) {
        for (int k = 0; k < operands; ++k) operand[k] = several.operand[k];
    }

    template <class Lanes>
    NONLIN_FN Lanes load(int k, Place at) const {
        return lanes_from<Lanes>(k, static_cast<ptrdiff_t>(at.i) * operand[k].core);
    }
    template <class Lanes>
    NONLIN_FN void store(Place at, Lanes v) const {
        store_at(inputs, static_cast<ptrdiff_t>(at.i) * operand[inputs].core, v);
    }
    template <class Lanes>
    NONLIN_FN auto kept(int k, Place at) const {
        Data bytes[lanes];
        copy<Data, unsigned char>(operand[k].at + static_cast<ptrdiff_t>(at.i) * operand[k].core,
                                  operand[k].outer, rows, bytes, lanes);
        return Types::template lanes_at<Lanes>(bytes) > Lanes(0.0);
    }
    template <class Lanes>
    NONLIN_FN Lanes place(Place at) const {
        return Lanes(static_cast<double>(at.i));
    }
    NONLIN_FN W size() const { return W(static_cast<double>(length)); }
    NONLIN_FN W scalar(int k) const { return lanes_from<W>(k, 0); }
    NONLIN_FN W integer(int k) const {
        double t[lanes];
        copy<double, Integer>(operand[k].at, operand[k].outer, rows, t, lanes);
        return W::load_parameter(t);
    }
    NONLIN_FN W load_double(int k, Place at) const {
        const char* const p = operand[k].at + static_cast<ptrdiff_t>(at.i) * operand[k].core;
        if (operand[k].outer == 0) return W(*reinterpret_cast<const double*>(p));
        double t[lanes];
        copy<double, double>(p, operand[k].outer, rows, t, lanes);
        return W::load_parameter(t);
    }
    template <class Item = Data>
    NONLIN_FN W pick(int k, W place) const {
        double t[lanes];
        place.to_precise().store(t);
        for (size_t j = 0; j < lanes; ++j) {
            const ptrdiff_t row = static_cast<ptrdiff_t>(j < rows ? j : 0);
            t[j] = static_cast<double>(
                *reinterpret_cast<const Item*>(operand[k].at + row * operand[k].outer +
                                               static_cast<ptrdiff_t>(t[j]) * operand[k].core));
        }
        return W::load_parameter(t);
    }
    NONLIN_FN W parameter(int k) const {
        double t[lanes];
        copy<double, double>(operand[k].at, operand[k].outer, rows, t, lanes);
        return W::load_parameter(t);
    }
    NONLIN_FN void store_scalar(W w, int output = 0) const { store_at(inputs + output, 0, w); }

    template <class Get>
    NONLIN_FN W maximum(const Get& f) const {
        using Lanes = result<Get, Place>;
        Lanes top(-infinity);
        for (size_t i = 0; i < length; ++i) top = larger(f(Place{i}), top);
        return Types::wide(top);
    }

    template <class Lanes, class Get>
    NONLIN_FN W count(const Get& f) const {
        Lanes number(0.0);
        each([&](Place at) { number = number + select(f(at), Lanes(1.0), Lanes(0.0)); });
        return Types::wide(number);
    }

    template <class Get>
    NONLIN_FN Two<W> sum_terms(const Get& f, Terms& terms) const {
        return sum([&](Place at) {
            const auto term = f(at);
            if constexpr (same<result<Get, Place>, V>) {
                store(at, term);
            } else {
                term.hi.store(terms.first + at.i * lanes);
                term.lo.store(terms.second + at.i * lanes);
            }
            return term;
        });
    }
    template <class Get, class Do>
    NONLIN_FN void each_term(const Get&, const Terms& terms, const Do& then) const {
        each([&](Place at) {
            if constexpr (same<result<Get, Place>, V>) {
                then(at, load<V>(inputs, at));
            } else {
                then(at, Two<V>(V::load(terms.first + at.i * lanes),
                                V::load(terms.second + at.i * lanes)));
            }
        });
    }
    // Each of the `ways` sums has one term, but for the second parts; those without are left out of
    // the tree.
    template <class Get>
    NONLIN_FN Two<W> sum(const Get& f) const {
        using Term = result<Get, Place>;
        constexpr bool two_parts = Types::template in_data_lanes<Term> && !same<Term, V>;
        Sums<W, long_row * lanes> sums;
        sums.set(0, Two<W>(0.0));
        V low[two_parts ? low_ways : 1];
        each([&](Place at) {
            const Term term = f(at);
            if constexpr (two_parts) {
                sums.set(at.i * lanes, Two<W>(0.0) + Types::wide(term.hi));
                low[at.i % low_ways] = (at.i < low_ways ? V(0.0) : low[at.i % low_ways]) + term.lo;
            } else if constexpr (same<Term, V>) {
                sums.set(at.i * lanes, Two<W>(0.0) + Types::wide(term));
            } else {
                sums.set(at.i * lanes, Two<W>(0.0) + term);
            }
        });
        const auto add = [&](size_t k, Two<W> more) {
            sums.set(k * lanes, sums.get(k * lanes) + more);
        };
        if constexpr (two_parts) {
            for (size_t k = 0; k < length && k < low_ways; ++k) add(k, Types::wide(low[k]));
        }
        for (size_t half = ways / 2; half > 0; half /= 2) {
            for (size_t k = 0; k < half && k + half < length; ++k) {
                add(k, sums.get((k + half) * lanes));
            }
        }
        return sums.get(0);
    }

    template <class Do>
    NONLIN_FN void each(const Do& f) const {
        for (size_t i = 0; i < length; ++i) f(Place{i});
    }

private:
    template <class, class, bool>
    friend class Across;

    static constexpr int inputs = operand_count(F::operands.inputs);
    static constexpr int operands = inputs + operand_count(F::operands.outputs);

    NONLIN_FN bool adjacent(int k) const {
        return operand[k].outer == sizeof(Data) && rows == lanes;
    }
    template <class Lanes>
    NONLIN_FN Lanes lanes_from(int k, ptrdiff_t offset) const {
        if (adjacent(k)) {
            return Types::template lanes_at<Lanes>(
                reinterpret_cast<const Data*>(operand[k].at + offset));
        }
        Data t[lanes];
        copy<Data, Data>(operand[k].at + offset, operand[k].outer, rows, t, lanes);
        return Types::template lanes_at<Lanes>(t);
    }
    template <class Lanes>
    NONLIN_FN void store_at(int k, ptrdiff_t offset, Lanes v) const {
        if (adjacent(k)) return Types::put(v, reinterpret_cast<Data*>(operand[k].at + offset));
        Data t[lanes];
        Types::put(v, t);
        copy_back(t, rows, operand[k].at + offset, operand[k].outer);
    }

    RowOperand operand[operands];
    size_t length, rows;
};

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
