// The loops of row functions, for the pack that the including file has named NONLIN_ISA.
//
// A row function (src/nonlin/rowwise.h) sees its row as an Along, whose lanes hold neighbouring
// elements of one long row, or as an Across, whose lanes hold one element each of several rows: of
// short ones, and of those whose elements do not lie side by side. Sums have one order, whatever
// the class, the lanes and the threads: a row is cut into sections, as its length alone decides; in
// a section element i goes to sum i mod `ways`; these are added as a binary tree, and the sections
// one after another.

#include <nonlin/rowwise.h>

#include "pack/twice.h"
#include "row_table.h"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

constexpr size_t ways = 128;
constexpr size_t most_sections = 1024;

NONLIN_FN size_t section_length(size_t n) {
    size_t length = size_t{1} << 15;
    while (length * most_sections < n) length *= 2;
    return length;
}

// How many of the `ways` sums an element reaches, as a power of two.
NONLIN_FN size_t leaves(size_t count) {
    size_t size = 1;
    while (size < count && size < ways) size *= 2;
    return size;
}

// Packs for rows of Data: V for the data, W for float64 work on as many elements. Of `precise` rows
// even float32 data is worked on as float64 data is.
template <class Data, bool precise>
struct RowLanes {
    using V = twice<f64>;
    using W = twice<f64>;
};
template <bool same_lanes>
struct Wide {
    using type = twice<f32w>;
};
template <>
struct Wide<true> {
    using type = f32w;
};
template <>
struct RowLanes<float, false> {
    using V = f32;
    using W = typename Wide<f32::lanes == f32w::lanes>::type;
};

using Integer = __INT64_TYPE__;

// maximum, where a class has another function of that name.
template <class Lanes>
NONLIN_FN Lanes larger(Lanes a, Lanes b) {
    return maximum(a, b);
}

// Copies of a few numbers, out of line: they are needed in many places, and seldom run. Beyond
// count the first is repeated.
template <class To, class From>
[[gnu::noinline]] void copy(const char* from, ptrdiff_t step, size_t count, To* to, size_t lanes) {
    for (size_t j = 0; j < lanes; ++j) {
        to[j] = static_cast<To>(*reinterpret_cast<const From*>(
            from + static_cast<ptrdiff_t>(j < count ? j : 0) * step));
    }
}
template <class Item>
[[gnu::noinline]] void copy_back(const Item* from, size_t count, char* to, ptrdiff_t step) {
    for (size_t j = 0; j < count; ++j) {
        *reinterpret_cast<Item*>(to + static_cast<ptrdiff_t>(j) * step) = from[j];
    }
}

// What both views of a row share.
template <class Data_, bool precise>
struct RowTypes {
    using Data = Data_;
    using V = typename RowLanes<Data, precise>::V;
    using W = typename RowLanes<Data, precise>::W;
    static constexpr size_t lanes = V::lanes;
    static_assert(V::lanes == W::lanes, "one lane for every element");

    template <class Lanes>
    NONLIN_FN static Lanes lanes_at(const Data* p) {
        if constexpr (same<typename Lanes::data, Data>) {
            return Lanes::load(p);
        } else {
            return twice<f32w>::load(p).to_precise();
        }
    }
    template <class Lanes>
    NONLIN_FN static void put(Lanes v, Data* p) {
        if constexpr (same<typename Lanes::data, Data>) {
            v.store(p);
        } else {
            twice<f32w>::from_precise(v).store(p);
        }
    }
    NONLIN_FN static W widen(V v) {
        if constexpr (same<V, W>) {
            return v;
        } else {
            Data t[lanes];
            v.store(t);
            return W::load(t);
        }
    }
    template <class Lanes>
    NONLIN_FN static W wide(Lanes v) {
        if constexpr (same<Lanes, W>) {
            return v;
        } else {
            return widen(v);
        }
    }
};

// count running sums of packs, in one part or two, side by side in memory.
template <class W, size_t count>
struct Sums {
    double high[count], low[W::extended ? 1 : count];

    NONLIN_FN static W read(const double* p) { return W::load_parameter(p); }
    NONLIN_FN static void write(W w, double* p) { w.to_precise().store(p); }
    NONLIN_FN Two<W> get(size_t i) const {
        if constexpr (W::extended) {
            return read(high + i);
        } else {
            return {read(high + i), read(low + i)};
        }
    }
    NONLIN_FN void set(size_t i, Two<W> sum) {
        write(sum.hi, high + i);
        if constexpr (!W::extended) write(sum.lo, low + i);
    }
    // Entry i alone, from the first lane.
    NONLIN_FN void set_one(size_t i, Two<W> sum) {
        double t[W::lanes];
        write(sum.hi, t);
        high[i] = t[0];
        if constexpr (!W::extended) {
            write(sum.lo, t);
            low[i] = t[0];
        }
    }
    // Entry i, in every lane.
    NONLIN_FN Two<W> everywhere(size_t i) const {
        if constexpr (W::extended) {
            return W(high[i]);
        } else {
            return {W(high[i]), W(low[i])};
        }
    }
};

NONLIN_FN constexpr int operand_count(const char* kinds) {
    int count = 0;
    while (kinds[count] != '\0') ++count;
    return count;
}

// Elements i, i + 1, ... of a row; all lanes hold one, or, at its end, only the first.
template <bool whole_>
struct Span {
    static constexpr bool whole = whole_;
    size_t i;
};

// shared: the sections of the row go to several threads. (A class of its own, because what threads
// are given the address of, the compiler keeps in memory and reads again after every store.)
template <class F, class Data, bool precise, bool shared>
class Along : public RowTypes<Data, precise> {
    using Types = RowTypes<Data, precise>;

public:
    using V = typename Types::V;
    using W = typename Types::W;
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
    }

    template <class Lanes, class At>
    NONLIN_FN Lanes load(int k, At at) const {
        const Data* const p = reinterpret_cast<const Data*>(at_[k]) + at.i;
        if constexpr (At::whole) {
            return Types::template lanes_at<Lanes>(p);
        } else {
            Data padded[lanes];
            copy<Data, Data>(reinterpret_cast<const char*>(p), sizeof(Data), length - at.i, padded,
                             lanes);
            return Types::template lanes_at<Lanes>(padded);
        }
    }
    template <class Lanes, class At>
    NONLIN_FN Lanes stored(At at) const {
        return load<Lanes>(inputs, at);
    }
    template <class Lanes, class At>
    NONLIN_FN void store(At at, Lanes v) const {
        Data* const p = reinterpret_cast<Data*>(at_[inputs]) + at.i;
        if constexpr (At::whole) {
            Types::put(v, p);
        } else {
            Data padded[lanes];
            Types::put(v, padded);
            copy_back(padded, length - at.i, reinterpret_cast<char*>(p), sizeof(Data));
        }
    }
    template <class Lanes, class At>
    NONLIN_FN auto kept(int k, At at) const {
        Data bytes[lanes];
        copy<Data, char>(at_[k] + static_cast<ptrdiff_t>(at.i) * core[k], core[k], length - at.i,
                         bytes, lanes);
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

    // The largest f(at), NaN left out; -inf of none.
    template <class Get>
    NONLIN_FN W maximum(const Get& f) const {
        if constexpr (!shared) {
            return W(largest_between(f, 0, length));
        } else {
            double best[most_sections];
            in_sections([&](size_t s) { best[s] = largest_between(f, s * section, end_of(s)); });
            double m = best[0];
            for (size_t s = 1; s < sections(); ++s) m = best[s] > m ? best[s] : m;
            return W(m);
        }
    }

    // The sum of f(at), in its one order; before(at) is run first, for some elements at a time.
    template <class Do, class Get>
    NONLIN_FN Two<W> sum_after(const Do& before, const Get& f) const {
        if constexpr (!shared) {
            Two<W> total = sum_of_section(before, f, 0, end_of(0));
            for (size_t s = 1; s < sections(); ++s) {
                total = total + sum_of_section(before, f, s * section, end_of(s));
            }
            return total;
        } else {
            Sums<W, most_sections> totals;
            in_sections([&](size_t s) {
                totals.set_one(s, sum_of_section(before, f, s * section, end_of(s)));
            });
            Two<W> total = totals.everywhere(0);
            for (size_t s = 1; s < sections(); ++s) total = total + totals.everywhere(s);
            return total;
        }
    }

    template <class Get>
    NONLIN_FN Two<W> sum(const Get& f) const {
        return sum_after([](auto) {}, f);
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
    static constexpr int inputs = operand_count(F::operands.inputs);
    static constexpr int operands = inputs + operand_count(F::operands.outputs);

    NONLIN_FN size_t sections() const { return length == 0 ? 1 : (length + section - 1) / section; }
    NONLIN_FN size_t end_of(size_t s) const {
        const size_t end = (s + 1) * section;
        return end < length ? end : length;
    }

    template <class Do>
    NONLIN_FN void in_sections(const Do& f) const {
        const auto run = [](void* context, size_t s) { (*static_cast<const Do*>(context))(s); };
        share(sections(), run, const_cast<Do*>(&f));
    }
    template <class Do>
    NONLIN_FN static void loop(size_t i, size_t end, const Do& f) {
        for (; i + lanes <= end; i += lanes) f(Span<true>{i});
        if (i < end) f(Span<false>{i});
    }

    template <class Item>
    NONLIN_FN static double largest_of(const Item (&t)[lanes]) {
        Item m = t[0];
        for (size_t j = 1; j < lanes; ++j) m = t[j] > m ? t[j] : m;
        return static_cast<double>(m);
    }
    template <class Lanes>
    NONLIN_FN static double largest(Lanes v) {
        if constexpr (same<Lanes, W>) {
            double t[lanes];
            v.to_precise().store(t);
            return largest_of(t);
        } else {
            Data t[lanes];
            v.store(t);
            return largest_of(t);
        }
    }

    template <class Get>
    NONLIN_FN static double largest_between(const Get& f, size_t begin, size_t end) {
        using Lanes = decltype(f(Span<true>{0}));
        Lanes top[4] = {Lanes(-infinity), Lanes(-infinity), Lanes(-infinity), Lanes(-infinity)};
        size_t i = begin;
        for (; i + 4 * lanes <= end; i += 4 * lanes) {
            for (size_t k = 0; k < 4; ++k) top[k] = larger(f(Span<true>{i + k * lanes}), top[k]);
        }
        loop(i, end, [&](auto at) { top[0] = larger(f(at), top[0]); });
        return largest(larger(larger(top[0], top[1]), larger(top[2], top[3])));
    }
    template <class Do, class Get>
    NONLIN_FN static Two<W> sum_of_section(const Do& before, const Get& f, size_t begin,
                                           size_t end) {
        Sums<W, ways + lanes> sums;
        const size_t size = leaves(end - begin);
        for (size_t k = 0; k < size + lanes; k += lanes) sums.set(k, Two<W>(0.0));
        for (size_t i = begin; i < end; i += ways) {
            const size_t stop = i + ways < end ? i + ways : end;
            loop(i, stop, before);
            loop(i, stop, [&](auto at) {
                Two<W> term = f(at);
                if constexpr (!decltype(at)::whole) term = only(stop - at.i, term);
                sums.set(at.i - i, sums.get(at.i - i) + term);
            });
        }
        size_t half = size / 2;
        for (; half >= lanes; half /= 2) {
            for (size_t k = 0; k < half; k += lanes) sums.set(k, sums.get(k) + sums.get(k + half));
        }
        if constexpr (W::extended) {
            // One number at a time, which does not wait for a whole pack to be stored.
            for (; half > 0; half /= 2) {
                for (size_t k = 0; k < half; ++k) sums.high[k] += sums.high[k + half];
            }
        }
        // Of a pack only the entries that a pair exists for matter.
        for (; half > 0; half /= 2) sums.set(0, sums.get(0) + sums.get(half));
        return sums.everywhere(0);
    }
    // 0 in all lanes but the first ones
    NONLIN_FN static Two<W> only(size_t count, Two<W> term) {
        Sums<W, lanes> s;
        s.set(0, term);
        for (size_t j = count; j < lanes; ++j) {
            s.high[j] = 0;
            if constexpr (!W::extended) s.low[j] = 0;
        }
        return s.get(0);
    }

    char* at_[operands];
    ptrdiff_t core[operands];
    size_t length, section;
    Share share;
};

// The elements at place i of several rows.
struct Place {
    size_t i;
};

template <class F, class Data, bool precise>
class Across : public RowTypes<Data, precise> {
    using Types = RowTypes<Data, precise>;

public:
    using V = typename Types::V;
    using W = typename Types::W;
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

    // Rows row, row + 1, ..., count of them, at most as many as there are lanes.
    NONLIN_FN Across(const RowArguments& a, size_t row, size_t count_)
        : length(a.length), section(section_length(a.length)), count(count_) {
        for (int k = 0; k < operands; ++k) {
            const RowOperand& given = a.operands[k];
            operand[k] = {given.at + static_cast<ptrdiff_t>(row) * given.outer, given.outer,
                          given.core};
        }
    }

    template <class Lanes>
    NONLIN_FN Lanes load(int k, Place at) const {
        return lanes_from<Lanes>(k, static_cast<ptrdiff_t>(at.i) * operand[k].core);
    }
    template <class Lanes>
    NONLIN_FN Lanes stored(Place at) const {
        return load<Lanes>(inputs, at);
    }
    template <class Lanes>
    NONLIN_FN void store(Place at, Lanes v) const {
        store_at(inputs, static_cast<ptrdiff_t>(at.i) * operand[inputs].core, v);
    }
    template <class Lanes>
    NONLIN_FN auto kept(int k, Place at) const {
        Data bytes[lanes];
        copy<Data, char>(operand[k].at + static_cast<ptrdiff_t>(at.i) * operand[k].core,
                         operand[k].outer, count, bytes, lanes);
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
        copy<double, Integer>(operand[k].at, operand[k].outer, count, t, lanes);
        return W::load_parameter(t);
    }
    NONLIN_FN W load_double(int k, Place at) const {
        const char* const p = operand[k].at + static_cast<ptrdiff_t>(at.i) * operand[k].core;
        if (operand[k].outer == 0) return W(*reinterpret_cast<const double*>(p));
        double t[lanes];
        copy<double, double>(p, operand[k].outer, count, t, lanes);
        return W::load_parameter(t);
    }
    template <class Item = Data>
    NONLIN_FN W pick(int k, W place) const {
        double t[lanes];
        place.to_precise().store(t);
        for (size_t j = 0; j < lanes; ++j) {
            const ptrdiff_t row = static_cast<ptrdiff_t>(j < count ? j : 0);
            t[j] = static_cast<double>(
                *reinterpret_cast<const Item*>(operand[k].at + row * operand[k].outer +
                                               static_cast<ptrdiff_t>(t[j]) * operand[k].core));
        }
        return W::load_parameter(t);
    }
    NONLIN_FN W parameter(int k) const {
        double t[lanes];
        copy<double, double>(operand[k].at, operand[k].outer, count, t, lanes);
        return W::load_parameter(t);
    }
    NONLIN_FN void store_scalar(W w, int output = 0) const { store_at(inputs + output, 0, w); }

    template <class Get>
    NONLIN_FN W maximum(const Get& f) const {
        using Lanes = decltype(f(Place{0}));
        Lanes top(-infinity);
        for (size_t i = 0; i < length; ++i) top = larger(f(Place{i}), top);
        return Types::wide(top);
    }

    template <class Do, class Get>
    NONLIN_FN Two<W> sum_after(const Do& before, const Get& f) const {
        each(before);
        return sum(f);
    }
    template <class Get>
    NONLIN_FN Two<W> sum(const Get& f) const {
        Two<W> total = sum_of_section(f, 0, section < length ? section : length);
        for (size_t begin = section; begin < length; begin += section) {
            const size_t end = begin + section < length ? begin + section : length;
            total = total + sum_of_section(f, begin, end);
        }
        return total;
    }

    template <class Do>
    NONLIN_FN void each(const Do& f) const {
        for (size_t i = 0; i < length; ++i) f(Place{i});
    }

private:
    static constexpr int inputs = operand_count(F::operands.inputs);
    static constexpr int operands = inputs + operand_count(F::operands.outputs);

    NONLIN_FN bool adjacent(int k) const {
        return operand[k].outer == sizeof(Data) && count == lanes;
    }
    template <class Lanes>
    NONLIN_FN Lanes lanes_from(int k, ptrdiff_t offset) const {
        if (adjacent(k)) {
            return Types::template lanes_at<Lanes>(
                reinterpret_cast<const Data*>(operand[k].at + offset));
        }
        Data t[lanes];
        copy<Data, Data>(operand[k].at + offset, operand[k].outer, count, t, lanes);
        return Types::template lanes_at<Lanes>(t);
    }
    template <class Lanes>
    NONLIN_FN void store_at(int k, ptrdiff_t offset, Lanes v) const {
        if (adjacent(k)) return Types::put(v, reinterpret_cast<Data*>(operand[k].at + offset));
        Data t[lanes];
        Types::put(v, t);
        copy_back(t, count, operand[k].at + offset, operand[k].outer);
    }

    template <class Get>
    NONLIN_FN Two<W> sum_of_section(const Get& f, size_t begin, size_t end) const {
        Sums<W, ways * lanes> sums;
        const size_t size = leaves(end - begin);
        for (size_t k = 0; k < size; ++k) sums.set(k * lanes, Two<W>(0.0));
        for (size_t i = begin; i < end; ++i) {
            const size_t k = (i - begin) % ways * lanes;
            sums.set(k, sums.get(k) + f(Place{i}));
        }
        for (size_t half = size / 2; half > 0; half /= 2) {
            for (size_t k = 0; k < half; ++k) {
                sums.set(k * lanes, sums.get(k * lanes) + sums.get((k + half) * lanes));
            }
        }
        return sums.get(0);
    }

    RowOperand operand[operands];
    size_t length, section, count;
};

template <class F, class = void>
constexpr bool precise_rows = false;
template <class F>
constexpr bool precise_rows<F, when_valid<decltype(F::precise)>> = F::precise;

// Rows shorter than this are taken several at a time.
constexpr size_t long_row = 24;

template <class F>
constexpr char kind_of(int k) {
    constexpr int inputs = operand_count(F::operands.inputs);
    return k < inputs ? F::operands.inputs[k] : F::operands.outputs[k - inputs];
}

template <class F, class Data>
bool side_by_side(const RowArguments& a) {
    constexpr int operands = operand_count(F::operands.inputs) + operand_count(F::operands.outputs);
    for (int k = 0; k < operands; ++k) {
        if (kind_of<F>(k) == 'x' && a.operands[k].core != sizeof(Data)) return false;
    }
    return true;
}

template <class F, class Data, bool precise, bool shared>
[[gnu::noinline]] void along(const RowArguments& a, size_t r) {
    Along<F, Data, precise, shared> row(a, r);
    F::run(row);
}
template <class F, class Data, bool precise>
[[gnu::noinline]] void across(const RowArguments& a, size_t row, size_t count) {
    Across<F, Data, precise> rows(a, row, count);
    F::run(rows);
}

// `lanes` short rows, turned in a buffer so that what the lanes hold lies side by side.
template <class F, class Data, bool precise>
void turned(const RowArguments& a, size_t row) {
    constexpr size_t lanes = Across<F, Data, precise>::lanes;
    constexpr int inputs = operand_count(F::operands.inputs);
    constexpr int operands = inputs + operand_count(F::operands.outputs);
    Data buffer[operands][long_row * lanes];
    RowArguments here = a;
    for (int k = 0; k < operands; ++k) {
        here.operands[k].at += static_cast<ptrdiff_t>(row) * a.operands[k].outer;
        if (kind_of<F>(k) != 'x') continue;
        for (size_t j = 0; k < inputs && j < lanes; ++j) {
            const Data* const from = reinterpret_cast<const Data*>(
                here.operands[k].at + static_cast<ptrdiff_t>(j) * a.operands[k].outer);
            for (size_t i = 0; i < a.length; ++i) buffer[k][i * lanes + j] = from[i];
        }
        here.operands[k] = {reinterpret_cast<char*>(buffer[k]), sizeof(Data), sizeof(Data) * lanes};
    }
    across<F, Data, precise>(here, 0, lanes);
    if (kind_of<F>(inputs) != 'x') return;
    for (size_t j = 0; j < lanes; ++j) {
        Data* const to = reinterpret_cast<Data*>(
            a.operands[inputs].at + static_cast<ptrdiff_t>(row + j) * a.operands[inputs].outer);
        for (size_t i = 0; i < a.length; ++i) to[i] = buffer[inputs][i * lanes + j];
    }
}

template <class F, class Data>
void row_kernel(const RowArguments& a) {
    constexpr bool precise = precise_rows<F>;
    constexpr size_t lanes = Across<F, Data, precise>::lanes;
    const bool contiguous = side_by_side<F, Data>(a);
    size_t r = 0;
    if (contiguous && a.length >= long_row) {
        if (a.share != nullptr && a.length > section_length(a.length)) {
            for (; r < a.rows; ++r) along<F, Data, precise, true>(a, r);
        }
        for (; r < a.rows; ++r) along<F, Data, precise, false>(a, r);
    }
    if (contiguous && lanes > 1) {
        for (; r + lanes <= a.rows; r += lanes) turned<F, Data, precise>(a, r);
    }
    for (; r < a.rows; r += lanes) {
        across<F, Data, precise>(a, r, a.rows - r < lanes ? a.rows - r : lanes);
    }
}

#define NONLIN_ROW_KERNELS(name)                                                                   \
    {row_kernel<::nonlin::name, float>, row_kernel<::nonlin::name, double>},
constexpr RowKernels row_kernels[] = {NONLIN_ROWWISE(NONLIN_ROW_KERNELS)};
#undef NONLIN_ROW_KERNELS

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
