// One long row, whose lanes hold neighbouring elements.
#pragma once

#include "pack/few.h"
#include "row_types.inl"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

// Elements i, i + 1, ... of a row; all lanes hold one and they lie side by side, or, at its end and
// in strided rows, they may not. (Strided rows come here only where gather.cpp found no memory.)
template <bool whole_>
struct Span {
    static constexpr bool whole = whole_;
    size_t i;
};

// shared: the sections of the row go to several threads. (A class of its own, because what threads
// are given the address of, the compiler keeps in memory and reads again after every store.)
template <class F, class Data, bool shared, bool precise_ = false>
class Along : public RowTypes<Data, precise_> {
    using Types = RowTypes<Data, precise_>;

public:
    using V = typename Types::V;
    using W = typename Types::W;
    using Terms = RowTerms<typename V::data>;
    using Types::lanes;

    // Of numbers that are the same in all lanes.
    NONLIN_FN static V narrow(W w) {
        if constexpr (same<V, W>) {
            return w;
        } else {
            double t[lanes];
            w.to_precise().store(t);
            return V(t[0]);
        }
    }

    NONLIN_FN Along(const RowArguments& a, size_t row)
        : length(a.length), section(section_length(a.length)), share(a.share) {
        for (int k = 0; k < operands; ++k) {
            at_[k] = a.operands[k].at + static_cast<ptrdiff_t>(row) * a.operands[k].outer;
            core[k] = a.operands[k].core;
        }
        strided = !side_by_side<F, Data>(a);
    }

    // The same row, in the lanes of float64 data.
    NONLIN_FN auto precise() const { return Along<F, Data, shared, true>(*this); }
    NONLIN_FN explicit Along(const Along<F, Data, shared, false>& row)
        : length(row.length), section(row.section), share(row.share), strided(row.strided) {
        for (int k = 0; k < operands; ++k) {
            at_[k] = row.at_[k];
            core[k] = row.core[k];
        }
    }

    template <class Lanes, class At>
    NONLIN_FN Lanes load(int k, At at) const {
        if constexpr (At::whole) {
            return Types::template lanes_at<Lanes>(reinterpret_cast<const Data*>(at_[k]) + at.i);
        } else {
            Data padded[lanes];
            const char* const from = at_[k] + static_cast<ptrdiff_t>(at.i) * core[k];
            if (strided) {
                copy<Data, Data>(from, core[k], length - at.i, padded, lanes);
            } else {
                load_few(reinterpret_cast<const Data*>(from), length - at.i, padded);
            }
            return Types::template lanes_at<Lanes>(padded);
        }
    }
    template <class Lanes, class At>
    NONLIN_FN void store(At at, Lanes v) const {
        if constexpr (At::whole) {
            Types::put(v, reinterpret_cast<Data*>(at_[inputs]) + at.i);
        } else {
            Data padded[lanes];
            Types::put(v, padded);
            char* const to = at_[inputs] + static_cast<ptrdiff_t>(at.i) * core[inputs];
            if (strided) {
                copy_back(padded, in_lanes(length - at.i), to, core[inputs]);
            } else {
                store_few(padded, length - at.i, reinterpret_cast<Data*>(to));
            }
        }
    }
    template <class Lanes, class At>
    NONLIN_FN auto kept(int k, At at) const {
        Data bytes[lanes];
        const char* const from = at_[k] + static_cast<ptrdiff_t>(at.i) * core[k];
        if (At::whole && core[k] == 1) {
            load_bytes(from, bytes);
        } else {
            copy<Data, unsigned char>(from, core[k], length - at.i, bytes, lanes);
        }
        return Types::template lanes_at<Lanes>(bytes) > Lanes(0.0);
    }
    template <class Lanes, class At>
    NONLIN_FN Lanes place(At at) const {
        double places[lanes];
        for (size_t j = 0; j < lanes; ++j) places[j] = static_cast<double>(at.i + j);
        return Lanes::load_parameter(places);
    }
    NONLIN_FN W size() const { return W(static_cast<double>(length)); }
    NONLIN_FN W scalar(int k) const {
        return W(static_cast<double>(*reinterpret_cast<const Data*>(at_[k])));
    }
    NONLIN_FN W integer(int k) const {
        return W(static_cast<double>(*reinterpret_cast<const Integer*>(at_[k])));
    }
    // Of a row of float64.
    template <class At>
    NONLIN_FN W load_double(int k, At at) const {
        const char* const p = at_[k] + static_cast<ptrdiff_t>(at.i) * core[k];
        if (core[k] == 0) return W(*reinterpret_cast<const double*>(p));
        if (At::whole && core[k] == sizeof(double)) {
            return W::load_parameter(reinterpret_cast<const double*>(p));
        }
        double t[lanes];
        copy<double, double>(p, core[k], length - at.i, t, lanes);
        return W::load_parameter(t);
    }
    // One element of a row of Items.
    template <class Item = Data>
    NONLIN_FN W pick(int k, W place) const {
        double t[lanes];
        place.to_precise().store(t);
        return W(static_cast<double>(
            *reinterpret_cast<const Item*>(at_[k] + static_cast<ptrdiff_t>(t[0]) * core[k])));
    }
    NONLIN_FN W parameter(int k) const { return W(*reinterpret_cast<const double*>(at_[k])); }
    NONLIN_FN void store_scalar(W w, int output = 0) const {
        Data t[lanes];
        Types::put(w, t);
        *reinterpret_cast<Data*>(at_[inputs + output]) = t[0];
    }

    NONLIN_FN bool in_place() const {
        for (int k = 0; k < inputs; ++k) {
            if (at_[k] == at_[inputs]) return true;
        }
        return false;
    }

    // The largest f(at), NaN left out; -inf of none.
    template <class Get>
    NONLIN_FN W maximum(const Get& f) const {
        return W(of_sections([&](size_t begin, size_t end)
                                 NONLIN_INLINE { return largest(f, begin, end); },
                             [](double a, double b) { return a > b ? a : b; }));
    }
    // For how many elements the mask f(at) of Lanes is set.
    template <class Lanes, class Get>
    NONLIN_FN W count(const Get& f) const {
        return W(of_sections([&](size_t begin, size_t end)
                                 NONLIN_INLINE { return number_of<Lanes>(f, begin, end); },
                             [](double a, double b) { return a + b; }));
    }

    // The sum of f(at), in its one order. Terms in the lanes of data may have two parts.
    template <class Get>
    NONLIN_FN Two<W> sum(const Get& f) const {
        if constexpr (Types::template in_data_lanes<result<Get, Span<true>>>) {
            return total_of([&](RowSums& sums, size_t begin, size_t end) NONLIN_INLINE {
                Terms terms;
                add_terms(sums, f, begin, end, terms);
            });
        } else {
            return total_of([&](RowSums& sums, size_t begin, size_t end) NONLIN_INLINE {
                sums.clear(ways);
                for (size_t i = begin; i < end; i += ways) {
                    loop(i, i + ways < end ? i + ways : end, [&](auto at) NONLIN_INLINE {
                        Two<W> term = f(at);
                        if constexpr (!decltype(at)::whole) term = sums.first(end - at.i, term);
                        sums.set(at.i - i, sums.get(at.i - i) + term);
                    });
                }
            });
        }
    }
    // The same; `each_term` gives every f(at) again.
    template <class Get>
    NONLIN_FN Two<W> sum_terms(const Get& f, Terms& terms) const {
        if constexpr (one_part<Get>) {
            return sum([&](auto at) NONLIN_INLINE {
                const V term = f(at);
                store(at, term);
                return term;
            });
        } else if (!shared && length <= terms.room) {
            return total_of([&](RowSums& sums, size_t begin, size_t end)
                                NONLIN_INLINE { add_terms<true>(sums, f, begin, end, terms); });
        } else if (in_place()) {
            return sum(f);
        } else {
            return sum([&](auto at) NONLIN_INLINE {
                const Two<V> term = f(at);
                store(at, term.lo);
                return term;
            });
        }
    }
    // then(at, f(at))
    template <class Get, class Do>
    NONLIN_FN void each_term(const Get& f, const Terms& terms, const Do& then) const {
        if constexpr (one_part<Get>) {
            each([&](auto at) NONLIN_INLINE { then(at, stored<V>(at)); });
        } else if (!shared && length <= terms.room) {
            each([&](auto at) NONLIN_INLINE {
                then(at, Two<V>(V::load(terms.first + at.i), V::load(terms.second + at.i)));
            });
        } else if (in_place()) {
            each([&](auto at) NONLIN_INLINE { then(at, f(at)); });
        } else {
            each([&](auto at) NONLIN_INLINE { then(at, Two<V>(f(at).hi, stored<V>(at))); });
        }
    }

    template <class Do>
    NONLIN_FN void each(const Do& f) const {
        if constexpr (!shared) {
            loop(0, length, f);
        } else {
            in_sections([&](size_t s) { loop(s * section, end_of(s), f); });
        }
    }

private:
    template <class, class, bool, bool>
    friend class Along;

    static constexpr int inputs = operand_count(F::operands.inputs);
    static constexpr int operands = inputs + operand_count(F::operands.outputs);
    static constexpr size_t packs = ways / lanes, low_packs = low_ways / lanes;
    template <class Get>
    static constexpr bool one_part = same<result<Get, Span<true>>, V>;
    using RowSums = Sums<W, ways>;
    using Term = typename V::data;

    template <class Lanes, class At>
    NONLIN_FN Lanes stored(At at) const {
        return load<Lanes>(inputs, at);
    }
    NONLIN_FN size_t sections() const { return (length + section - 1) / section; }
    NONLIN_FN size_t end_of(size_t s) const {
        const size_t end = (s + 1) * section;
        return end < length ? end : length;
    }

    NONLIN_FN static size_t in_lanes(size_t n) { return n < lanes ? n : lanes; }
    // Where whole spans end at most.
    NONLIN_FN size_t whole_until(size_t end) const { return strided ? 0 : end; }

    template <class Do>
    NONLIN_FN void in_sections(const Do& f) const {
        const auto run = [](void* context, size_t s) { (*static_cast<const Do*>(context))(s); };
        share(sections(), run, const_cast<Do*>(&f));
    }
    template <class Do>
    NONLIN_FN void loop(size_t i, size_t end, const Do& f) const {
        const size_t whole_end = whole_until(end);
#pragma GCC unroll 4
        for (; i + lanes <= whole_end; i += lanes) f(Span<true>{i});
        for (; i < end; i += lanes) f(Span<false>{i});
    }

    // A number of each section, get(begin, end), and these put together.
    template <class Get, class Join>
    NONLIN_FN double of_sections(const Get& get, const Join& join) const {
        if constexpr (!shared) {
            double all = get(0, end_of(0));
            for (size_t begin = section; begin < length; begin += section) {
                all = join(all, get(begin, length - begin < section ? length : begin + section));
            }
            return all;
        } else {
            double found[most_sections];
            in_sections([&](size_t s) { found[s] = get(s * section, end_of(s)); });
            double all = found[0];
            for (size_t s = 1; s < sections(); ++s) all = join(all, found[s]);
            return all;
        }
    }
    template <class Get>
    NONLIN_FN double largest(const Get& f, size_t begin, size_t end) const {
        using Lanes = result<Get, Span<true>>;
        Lanes top[4] = {Lanes(-infinity), Lanes(-infinity), Lanes(-infinity), Lanes(-infinity)};
        size_t i = begin;
        for (; i + 4 * lanes <= whole_until(end); i += 4 * lanes) {
            for (size_t k = 0; k < 4; ++k) top[k] = larger(f(Span<true>{i + k * lanes}), top[k]);
        }
        loop(i, end, [&](auto at) NONLIN_INLINE { top[0] = larger(f(at), top[0]); });
        double t[lanes];
        Types::wide(larger(larger(top[0], top[1]), larger(top[2], top[3]))).to_precise().store(t);
        double m = t[0];
        for (size_t j = 1; j < lanes; ++j) m = t[j] > m ? t[j] : m;
        return m;
    }
    template <class Lanes, class Get>
    NONLIN_FN double number_of(const Get& f, size_t begin, size_t end) const {
        const auto one = [&](auto at) { return select(f(at), Lanes(1.0), Lanes(0.0)); };
        double number = 0;
        const auto add = [&](Lanes v, size_t n) {
            double t[lanes];
            Types::wide(v).to_precise().store(t);
            for (size_t j = 0; j < n; ++j) number += t[j];
        };
        Lanes counts[4] = {Lanes(0.0), Lanes(0.0), Lanes(0.0), Lanes(0.0)};
        size_t i = begin;
        for (; i + 4 * lanes <= whole_until(end); i += 4 * lanes) {
            for (size_t k = 0; k < 4; ++k) counts[k] = counts[k] + one(Span<true>{i + k * lanes});
        }
        loop(i, end, [&](auto at) NONLIN_INLINE {
            if constexpr (decltype(at)::whole) {
                counts[0] = counts[0] + one(at);
            } else {
                add(one(at), in_lanes(end - at.i));
            }
        });
        add((counts[0] + counts[1]) + (counts[2] + counts[3]), lanes);
        return number;
    }

    // The total of the sums that add(sums, begin, end) makes of every chunk.
    template <class Add>
    NONLIN_FN Two<W> total_of(const Add& add) const {
        const auto total_between = [&](size_t begin, size_t end) NONLIN_INLINE {
            Two<W> total(0.0);
            for (; begin < end; begin += chunk) {
                RowSums sums;
                add(sums, begin, end - begin < chunk ? end : begin + chunk);
                total = total + tree(sums);
            }
            return total;
        };
        if constexpr (!shared) {
            Two<W> total(0.0);
            for (size_t s = 0; s < sections(); ++s) {
                total = total + total_between(s * section, end_of(s));
            }
            return total;
        } else {
            Sums<W, most_sections> totals;
            in_sections(
                [&](size_t s) { totals.set_one(s, total_between(s * section, end_of(s))); });
            Two<W> total(0.0);
            for (size_t s = 0; s < sections(); ++s) total = total + totals.everywhere(s);
            return total;
        }
    }
    // Sums of f(at) over a chunk. Terms are put in a buffer first: one loop that computes and adds
    // them would be longer than the CPU looks ahead. Behind them come their second parts, added up.
    // keeps: the second parts stay in the buffer too.
    template <bool keeps = false, class Get>
    NONLIN_FN void add_terms(RowSums& sums, const Get& f, size_t i, size_t end,
                             Terms& terms) const {
        constexpr bool two_parts = !one_part<Get>;
        const auto put = [&](auto at, Term* to, V& low) NONLIN_INLINE {
            constexpr bool whole = decltype(at)::whole;
            const auto term = f(at);
            const V high = first_part(term);
            (whole ? high : first(end - at.i, high)).store(to);
            if constexpr (two_parts) {
                const V second = whole ? term.lo : first(end - at.i, term.lo);
                low = low + second;
                if constexpr (keeps) second.store(terms.second + at.i);
            }
        };
        Term* to = terms.first;
        V low[low_packs];
        for (size_t k = 0; k < low_packs; ++k) low[k] = V(0.0);
        while (i < end) {
            const size_t last = end - i < group ? end : i + group;
            V part[low_packs];
            for (size_t k = 0; k < low_packs; ++k) part[k] = V(0.0);
            for (; i + low_ways <= whole_until(last); i += low_ways, to += low_ways) {
                for (size_t k = 0; k < low_packs; ++k) {
                    put(Span<true>{i + k * lanes}, to + k * lanes, part[k]);
                }
            }
            for (; i < last; i += low_ways, to += low_ways) {
                clear(to);
                for (size_t k = 0; k < low_packs; ++k) {
                    const size_t at = i + k * lanes;
                    if (at + lanes <= whole_until(last)) {
                        put(Span<true>{at}, to + k * lanes, part[k]);
                    } else if (at < last) {
                        put(Span<false>{at}, to + k * lanes, part[k]);
                    }
                }
            }
            i = last;
            for (size_t k = 0; k < low_packs; ++k) low[k] = low[k] + part[k];
        }
        clear(to);
        to += static_cast<size_t>(terms.first - to) % ways;
        if (two_parts) {
            clear(to);
            for (size_t k = 0; k < low_packs; ++k) low[k].store(to + k * lanes);
            to += ways;
        }
        add_up(sums, terms.first, to);
    }
    NONLIN_FN static void clear(Term* to) {
        for (size_t k = 0; k < packs; ++k) V(0.0).store(to + k * lanes);
    }
    NONLIN_FN static V first_part(V term) { return term; }
    NONLIN_FN static V first_part(const Two<V>& term) { return term.hi; }
    // The lanes before the n-th; 0 in the others.
    NONLIN_FN static V first(size_t n, V v) {
        return select(V::load(numbers<Term>) < V(static_cast<double>(n)), v, V(0.0));
    }
    NONLIN_FN static void add_up(RowSums& sums, const Term* terms, const Term* end) {
        Two<W> sum[packs];
        for (size_t k = 0; k < packs; ++k) sum[k] = Two<W>(0.0);
        for (; terms < end; terms += ways) {
            for (size_t k = 0; k < packs; ++k) {
                sum[k] = sum[k] + Two<W>(Types::widen(V::load(terms + k * lanes)));
            }
        }
        for (size_t k = 0; k < packs; ++k) sums.set(k * lanes, sum[k]);
    }
    // The tree of the sums at, at + step, ... of one pack, which does not wait for packs to be
    // stored.
    template <size_t at, size_t step>
    NONLIN_FN static double fold(const double* sums) {
        if constexpr (step == lanes) {
            return sums[at];
        } else {
            return fold<at, 2 * step>(sums) + fold<at + step, 2 * step>(sums);
        }
    }
    NONLIN_FN static Two<W> tree(RowSums& sums) {
        size_t half = ways / 2;
        for (; half >= lanes; half /= 2) {
            for (size_t k = 0; k < half; k += lanes) sums.set(k, sums.get(k) + sums.get(k + half));
        }
        if constexpr (W::extended) return W(fold<0, 1>(sums.high));
        // Of a pack only the entries that a pair exists for matter.
        for (; half > 0; half /= 2) sums.set(0, sums.get(0) + sums.get(half));
        return sums.everywhere(0);
    }

    char* at_[operands];
    ptrdiff_t core[operands];
    size_t length, section;
    Share share;
    bool strided;
};

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
