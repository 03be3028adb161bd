// What both views of a row share: its packs, its sums, and copies of a few numbers.
#pragma once

#include <nonlin/math/two.h>
#include <nonlin/row_operand.h>
#include <nonlin/rowwise/order.h>
#include <nonlin/traits.h>
#include <stddef.h>

#include "pack/twice.h"
#include "row_table.h"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

// Of a lambda: what one that is not inlined refers to, the compiler keeps in memory and reads again
// after every store.
#define NONLIN_INLINE __attribute__((always_inline))

using namespace row_order;

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
template <>
struct RowLanes<float, true> {
    using V = typename RowLanes<float, false>::W::precise;
    using W = V;
};

using Integer = __INT64_TYPE__;

// For lanes that tell their number.
template <class Item>
constexpr Item numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

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

// Terms, in two parts, of a row that is short enough to keep them; also the first parts of a chunk
// of others. `room` is a number of terms.
template <class Term>
struct RowTerms {
    static constexpr size_t room = chunk;
    alignas(64) Term first[room + 2 * ways], second[room];
};

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
            return RowLanes<float, false>::W::load(p).to_precise();
        }
    }
    template <class Lanes>
    NONLIN_FN static void put(Lanes v, Data* p) {
        if constexpr (same<typename Lanes::data, Data>) {
            v.store(p);
        } else {
            RowLanes<float, false>::W::from_precise(v).store(p);
        }
    }
    // Whether terms of this type are numbers in V, in one part or two.
    template <class Term>
    static constexpr bool in_data_lanes = same<Term, V> || (!same<V, W> && same<Term, Two<V>>);
    NONLIN_FN static Two<W> widened(V v) { return widen(v); }
    NONLIN_FN static Two<W> widened(const Two<V>& v) {
        return Two<W>(widen(v.hi)) + Two<W>(widen(v.lo));
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

// count running sums, in one part or two, side by side in memory.
template <class W, size_t count>
struct Sums {
    double high[count], low[W::extended ? 1 : count];

    NONLIN_FN Two<W> get(size_t i) const {
        if constexpr (W::extended) {
            return W::load_parameter(high + i);
        } else {
            return {W::load_parameter(high + i), W::load_parameter(low + i)};
        }
    }
    NONLIN_FN void set(size_t i, Two<W> sum) {
        sum.hi.to_precise().store(high + i);
        if constexpr (!W::extended) sum.lo.to_precise().store(low + i);
    }
    NONLIN_FN void clear(size_t size) {
        for (size_t k = 0; k < size; k += W::lanes) set(k, Two<W>(0.0));
    }
    // Entry i, in every lane.
    NONLIN_FN Two<W> everywhere(size_t i) const {
        if constexpr (W::extended) {
            return W(high[i]);
        } else {
            return {W(high[i]), W(low[i])};
        }
    }
    // Entry i alone, from the first lane.
    NONLIN_FN void set_one(size_t i, Two<W> sum) {
        Sums<W, W::lanes> pack;
        pack.set(0, sum);
        high[i] = pack.high[0];
        if constexpr (!W::extended) low[i] = pack.low[0];
    }
    // The lanes before the n-th of a pack; 0 in the others.
    NONLIN_FN static Two<W> first(size_t n, Two<W> pack) {
        const auto before = W::load_parameter(numbers<double>) < W(static_cast<double>(n));
        return select(before, pack, Two<W>(0.0));
    }
};

NONLIN_FN constexpr int operand_count(const char* kinds) {
    int count = 0;
    while (kinds[count] != '\0') ++count;
    return count;
}

template <class F>
constexpr char kind_of(int k) {
    constexpr int inputs = operand_count(F::operands.inputs);
    return k < inputs ? F::operands.inputs[k] : F::operands.outputs[k - inputs];
}
// Whether the elements of every row of data lie side by side.
template <class F, class Data>
bool side_by_side(const RowArguments& a) {
    constexpr int operands = operand_count(F::operands.inputs) + operand_count(F::operands.outputs);
    for (int k = 0; k < operands; ++k) {
        if (kind_of<F>(k) == 'x' && a.operands[k].core != sizeof(Data)) return false;
    }
    return true;
}

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
