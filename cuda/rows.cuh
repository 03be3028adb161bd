// The rows of row functions (nonlin/rowwise.h): each is its team's.
//
// Sums are taken in the one order of nonlin/rowwise/order.h: its `ways` are the lanes of a warp,
// and the totals of its chunks those of warps. So results have the bits that the CPU's have. What
// was added up is computed again where it is needed again.
#pragma once

#include <cuda_pipeline.h>
#include <nonlin/rowwise.h>
#include <nonlin/traits.h>

#include "strides.h"
#include "team.h"

namespace nonlin::cuda {

using scalar::f32;
using scalar::f32w;
using scalar::f64;

static_assert(row_order::ways == warp, "one lane for each sum of a chunk");

// Packs for rows of Numbers: V for the data, W for float64 work. Of `precise` rows even float32
// data is worked on as float64 data is.
template <class Number, bool precise>
struct RowLanes {
    using V = f64;
    using W = f64;
};
template <>
struct RowLanes<float, false> {
    using V = f32;
    using W = f32w;
};

NONLIN_FN constexpr int operand_count(const char* kinds) {
    int count = 0;
    while (kinds[count] != '\0') ++count;
    return count;
}

// How many operands are rows of data: inputs, and the first output or none.
template <class F>
constexpr int row_inputs = [] {
    int count = 0;
    for (const char* kind = F::operands.inputs; *kind != '\0'; ++kind) count += *kind == 'x';
    return count;
}();
template <class F>
constexpr bool row_output = F::operands.outputs[0] == 'x';

// maximum, where a class has another function of that name.
template <class Lanes>
NONLIN_FN Lanes larger(Lanes a, Lanes b) {
    return maximum(a, b);
}

// The element at one place of a row.
struct At {
    std::size_t i;
};

template <class F, class Number, bool precise_ = false>
class Row {
    using Types = RowLanes<Number, precise_>;

public:
    using V = typename Types::V;
    using W = typename Types::W;
    struct Terms {};

    __device__ static V narrow(W w) { return V(w.v); }
    __device__ static W widen(V v) { return W(v.v); }
    __device__ static Two<W> widened(V v) { return widen(v); }
    __device__ static Two<W> widened(const Two<V>& v) {
        if constexpr (same<V, W>) {
            return v;
        } else {
            return Two<W>(widen(v.hi)) + Two<W>(widen(v.lo));
        }
    }

    __device__ Row(const Rows& a, Team& team_, char* const* at_, const std::ptrdiff_t* core_)
        : rows(a), team(team_), at(at_), core(core_) {}

    // The same row, in the lanes of float64 data.
    __device__ auto precise() const { return Row<F, Number, true>(rows, team, at, core); }

    template <class Lanes>
    __device__ Lanes load(int k, At place) const {
        return Lanes(cuda::load<Number>(element(k, place), rows.dtype));
    }
    template <class Lanes>
    __device__ void store(At place, Lanes v) const {
        cuda::store(static_cast<Number>(v.v), element(inputs, place), rows.dtype);
    }
    template <class Lanes>
    __device__ auto kept(int k, At place) const {
        return Lanes(static_cast<double>(
                   *reinterpret_cast<const unsigned char*>(element(k, place)))) > Lanes(0.0);
    }
    template <class Lanes>
    __device__ Lanes place(At place) const {
        return Lanes(static_cast<double>(place.i));
    }
    __device__ W size() const { return W(static_cast<double>(rows.length)); }
    __device__ W scalar(int k) const { return W(cuda::load<Number>(at[k], rows.dtype)); }
    __device__ W integer(int k) const {
        return W(static_cast<double>(*reinterpret_cast<const long long*>(at[k])));
    }
    // Of a row of float64, or one number for all.
    __device__ W load_double(int k, At place) const {
        const Operand& given = rows.operands[k].rows;
        return W(given.at == nullptr ? given.value
                                     : *reinterpret_cast<const double*>(element(k, place)));
    }
    template <class Item = Number>
    __device__ W pick(int k, W place) const {
        if (rows.operands[k].rows.at == nullptr) return W(rows.operands[k].rows.value);
        const char* const from = element(k, {static_cast<std::size_t>(place.v)});
        return W(cuda::load<Item>(from, rows.dtype));
    }
    __device__ W parameter(int k) const {
        const Operand& p = rows.operands[k].rows;
        return W(p.at == nullptr ? p.value : *reinterpret_cast<const double*>(at[k]));
    }
    __device__ void store_scalar(W w, int output = 0) const {
        if (team.rank() > 0) return;
        cuda::store(static_cast<Number>(w.v), at[inputs + output], rows.dtype);
    }

    template <class Get>
    __device__ W maximum(const Get& f) const {
        using Lanes = result<Get, At>;
        Lanes top(-infinity);
        each([&](At place) { top = larger(f(place), top); });
        return W(team.joined(static_cast<double>(top.v),
                             [](double a, double b) { return a > b ? a : b; }));
    }
    template <class Lanes, class Get>
    __device__ W count(const Get& f) const {
        double number = 0;
        each([&](At place) { number += f(place).m ? 1 : 0; });
        return W(team.joined(number, [](double a, double b) { return a + b; }));
    }

    template <class Get>
    __device__ Two<W> sum(const Get& f) const {
        constexpr std::size_t chunk = row_order::chunk;
        const std::size_t chunks = (rows.length + chunk - 1) / chunk;
        return team.template total<Two<W>>(
            chunks, row_order::section_length(rows.length) / chunk,
            [&](std::size_t c) { return total_of_chunk(f, c * chunk); });
    }
    template <class Get>
    __device__ Two<W> sum_terms(const Get& f, Terms&) const {
        return sum(f);
    }
    template <class Get, class Do>
    __device__ void each_term(const Get& f, const Terms&, const Do& then) const {
        each([&](At place) { then(place, f(place)); });
    }

    template <class Do>
    __device__ void each(const Do& f) const {
        for (std::size_t i = team.rank(); i < rows.length; i += team.size()) f(At{i});
    }

private:
    static constexpr int inputs = operand_count(F::operands.inputs);

    __device__ char* element(int k, At place) const {
        return at[k] + static_cast<std::ptrdiff_t>(place.i) * core[k];
    }

    // By the lanes of a warp, or by fewer of a row that has one element for each.
    template <class Get>
    __device__ Two<W> total_of_chunk(const Get& f, std::size_t begin) const {
        using Term = result<Get, At>;
        constexpr bool two_parts = same<Term, Two<V>> && !same<V, W>;
        constexpr unsigned steps_of_group = row_order::group / warp;
        const std::size_t left = rows.length - begin;
        const unsigned parts =
            static_cast<unsigned>(left < row_order::chunk ? left : row_order::chunk);
        const unsigned lane = team.number();
        Two<W> total(0.0);
        V low(0.0), part(0.0);
        for (unsigned done = 0, step = 1; done < parts; done += warp, ++step) {
            const bool active = done + lane < parts;
            V second(0.0);
            if (active) {
                const Term term = f(At{begin + done + lane});
                if constexpr (two_parts) {
                    total = total + Two<W>(widen(term.hi));
                    second = term.lo;
                } else if constexpr (same<Term, V>) {
                    total = total + widened(term);
                } else {
                    total = total + Two<W>(term);
                }
            }
            if constexpr (two_parts) {
                part = team.added_to(part, second);
                if (step % steps_of_group == 0 || done + warp >= parts) {
                    low = low + part;
                    part = V(0.0);
                }
            }
        }
        if constexpr (two_parts) {
            if (lane < row_order::low_ways) total = total + Two<W>(widen(low));
        }
        return team.tree(total);
    }

    const Rows& rows;
    Team& team;
    char* const* at;
    const std::ptrdiff_t* core;
};

// Bytes a thread copies at once to shared memory; both ends are multiples of it.
template <unsigned at_once>
__device__ void copy(const char* from, char* to, std::size_t bytes, std::size_t first,
                     std::size_t step) {
    for (std::size_t b = first * at_once; b < bytes; b += step * at_once) {
        if constexpr (at_once == 2) {
            *reinterpret_cast<unsigned short*>(to + b) =
                *reinterpret_cast<const unsigned short*>(from + b);
        } else {
            __pipeline_memcpy_async(to + b, from + b, at_once);
        }
    }
}

template <class F, class Number>
__global__ void __launch_bounds__(max_warps* warp) rows_kernel(const Rows a) {
    constexpr int inputs = operand_count(F::operands.inputs);
    constexpr int operands = inputs + operand_count(F::operands.outputs);
    Team team(a);
    const unsigned threads = a.lanes * a.warps, teams = blockDim.x / threads;
    const std::size_t size = item_size(a.dtype);
    char* const slots = shared_memory() + totals_size;

    const auto operand_of = [&](int k, std::size_t r) {
        const Operand& of_rows = a.operands[k].rows;
        return static_cast<char*>(of_rows.at) + offset_of(r, a.dimensions, a.sizes, of_rows.steps);
    };

    if (a.blocks > 1) {
        for (std::size_t r = 0; r < a.rows; ++r) {
            char* at[operands];
            std::ptrdiff_t core[operands];
            for (int k = 0; k < operands; ++k) {
                at[k] = operand_of(k, r);
                core[k] = a.operands[k].core;
            }
            Row<F, Number> row(a, team, at, core);
            F::run(row);
            team.wait();
        }
        return;
    }

    const std::size_t first = std::size_t{blockIdx.x} * teams;
    const unsigned slots_of_row = row_inputs<F> + (a.output_turned ? 1 : 0);
    const auto slot_of = [&](std::size_t row, int slot) {
        return slots + (row * slots_of_row + static_cast<unsigned>(slot)) * a.slot;
    };
    // Every element of the rows of an operand, in memory and in its slot. A thread's neighbours
    // take the same element of neighbouring rows.
    const auto each_turned = [&](int k, int slot, const auto& move) {
        const unsigned row = threadIdx.x % teams;
        if (first + row >= a.rows) return;
        char* const there = operand_of(k, first + row);
        char* const here = slot_of(row, slot);
        for (std::size_t e = threadIdx.x / teams; e < a.length; e += blockDim.x / teams) {
            move(there + static_cast<std::ptrdiff_t>(e) * a.operands[k].core, here + e * size);
        }
    };
    if (a.turned) {
        for (int k = 0, slot = 0; k < inputs; ++k) {
            if (F::operands.inputs[k] != 'x') continue;
            each_turned(k, slot++, [&](const char* there, char* here) {
                if (size == 2) {
                    copy<2>(there, here, 2, 0, 1);
                } else if (size == 4) {
                    copy<4>(there, here, 4, 0, 1);
                } else {
                    copy<8>(there, here, 8, 0, 1);
                }
            });
        }
        __pipeline_commit();
        __pipeline_wait_prior(0);
        __syncthreads();
    }
    const unsigned team_number = threadIdx.x / threads;
    const std::size_t r = first + team_number;
    if (r < a.rows) {
        char* at[operands];
        std::ptrdiff_t core[operands];
        int slot = 0;
        for (int k = 0; k < operands; ++k) {
            at[k] = operand_of(k, r);
            core[k] = a.operands[k].core;
            const bool input = k < inputs && a.slot > 0 && F::operands.inputs[k] == 'x';
            if (!input && !(k == inputs && a.output_turned)) continue;
            char* const to = slot_of(team_number, slot++);
            if (!a.turned) {
                const auto from = reinterpret_cast<std::size_t>(at[k]);
                const std::size_t bytes = a.length * size, rank = team.rank(), step = team.size();
                if ((from | bytes) % 16 == 0) {
                    copy<16>(at[k], to, bytes, rank, step);
                } else if ((from | bytes) % 8 == 0) {
                    copy<8>(at[k], to, bytes, rank, step);
                } else if ((from | bytes) % 4 == 0) {
                    copy<4>(at[k], to, bytes, rank, step);
                } else {
                    copy<2>(at[k], to, bytes, rank, step);
                }
            }
            at[k] = to;
            core[k] = static_cast<std::ptrdiff_t>(size);
        }
        if (!a.turned && a.slot > 0) {
            __pipeline_commit();
            __pipeline_wait_prior(0);
            team.wait();
        }
        Row<F, Number> row(a, team, at, core);
        F::run(row);
    }
    if constexpr (row_output<F>) {
        if (!a.output_turned) return;
        __syncthreads();
        each_turned(inputs, row_inputs<F>, [&](char* there, const char* here) {
            if (size == 2) {
                *reinterpret_cast<unsigned short*>(there) =
                    *reinterpret_cast<const unsigned short*>(here);
            } else if (size == 4) {
                *reinterpret_cast<unsigned*>(there) = *reinterpret_cast<const unsigned*>(here);
            } else {
                *reinterpret_cast<double*>(there) = *reinterpret_cast<const double*>(here);
            }
        });
    }
}

}  // namespace nonlin::cuda
