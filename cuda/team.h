// The threads that share a row, and what they tell one another.
#pragma once

#include <cooperative_groups.h>
#include <nonlin/math/two.h>
#include <nonlin/scalar.h>

#include "data.h"
#include "row_table.h"

namespace nonlin::cuda {

class Team {
public:
    __device__ explicit Team(const Rows& a)
        : lanes(a.lanes), warps(a.warps), blocks(a.blocks), lane(threadIdx.x % a.lanes),
          group(a.warps > 1 || a.blocks > 1 ? threadIdx.x / warp : 0),
          mask(lanes == warp ? ~0u : ((1u << lanes) - 1) << (threadIdx.x % warp / lanes * lanes)),
          workspace(a.workspace), workspace_half(half_of_workspace(a.length)) {}

    // The thread's number in the team, and how many there are.
    __device__ std::size_t rank() const { return first_warp() * warp + lane; }
    __device__ std::size_t size() const { return all_warps() * lanes; }
    __device__ std::size_t first_warp() const {
        return blocks > 1 ? std::size_t{blockIdx.x} * warps + group : group;
    }
    __device__ std::size_t all_warps() const { return std::size_t{warps} * blocks; }

    // Until every thread of the team is here, and sees what the others wrote.
    __device__ void wait() const {
        if (blocks > 1) {
            cooperative_groups::this_grid().sync();
        } else if (warps > 1) {
            __syncthreads();
        } else {
            __syncwarp(mask);
        }
    }

    __device__ unsigned number() const { return lane; }  // in the warp

    // The sums of all lanes, added as a binary tree, in every lane.
    __device__ Two<scalar::f32w> tree(Two<scalar::f32w> sum) const {
        for (unsigned bit = lanes / 2; bit > 0; bit /= 2) {
            sum = sum + Two<scalar::f32w>(scalar::f32w(other(sum.hi.v, bit)));
        }
        return sum;
    }
    __device__ Two<scalar::f64> tree(Two<scalar::f64> sum) const {
        for (unsigned bit = lanes / 2; bit > 0; bit /= 2) {
            const scalar::f64 hi(other(sum.hi.v, bit)), lo(other(sum.lo.v, bit));
            sum = sum + Two<scalar::f64>(hi, lo);
        }
        return sum;
    }
    // sum + a + b, where a is the number of this lane or of the one low_ways before, and b that of
    // the next: sums of second parts.
    __device__ scalar::f32 added_to(scalar::f32 sum, scalar::f32 own) const {
        if (lanes <= row_order::low_ways) return sum + own;
        const scalar::f32 partner(other(own.v, row_order::low_ways));
        const bool upper = lane >= row_order::low_ways;
        return (sum + (upper ? partner : own)) + (upper ? own : partner);
    }

    // One number of every thread, put together in an order that makes no difference.
    template <class Join>
    __device__ double joined(double a, const Join& join) {
        for (unsigned bit = lanes / 2; bit > 0; bit /= 2) a = join(a, other(a, bit));
        if (all_warps() == 1) return a;
        double* const mine = totals();
        if (lane == 0) mine[group] = a;
        __syncthreads();
        a = mine[0];
        for (unsigned w = 1; w < warps; ++w) a = join(a, mine[w]);
        turn();
        if (blocks == 1) return a;
        double* const all = in_workspace();
        if (threadIdx.x == 0) all[blockIdx.x] = a;
        wait();
        a = all[0];
        for (unsigned b = 1; b < blocks; ++b) a = join(a, all[b]);
        return a;
    }

    // The sum of the totals of `chunks` chunks, in its one order; each is that(chunk), computed by
    // one warp.
    template <class T, class That>
    __device__ T total(std::size_t chunks, std::size_t in_section, const That& that) {
        Sum<T> sum(in_section);
        const bool alone = all_warps() == 1;
        const std::size_t at_once = warps > 1 && blocks == 1 ? totals_at_once : chunks;
        for (std::size_t first = 0; first < chunks; first += at_once) {
            const std::size_t left = chunks - first, count = left < at_once ? left : at_once;
            double* const all = blocks > 1 ? in_workspace() : totals();
            for (std::size_t c = first_warp(); c < count; c += all_warps()) {
                const T t = that(first + c);
                if (alone) {
                    sum.add(t);
                } else if (lane == 0) {
                    put(t, all + 2 * c);
                }
            }
            if (alone) break;
            wait();
            if (blocks > 1) {
                add_sections(all, chunks, in_section, sum);
            } else {
                for (std::size_t c = 0; c < count; ++c) sum.add(taken<T>(all + 2 * c));
                turn();
            }
        }
        return sum.all();
    }

private:
    template <class Number>
    __device__ Number other(Number a, unsigned bit) const {
        return __shfl_xor_sync(mask, a, static_cast<int>(bit));
    }

    // Totals of chunks, one after another, within sections, and these one after another.
    template <class T>
    class Sum {
    public:
        __device__ explicit Sum(std::size_t in_section_) : in_section(in_section_) {}
        __device__ void add(T total) {
            section = section + total;
            if (++done < in_section) return;
            add_section(section);
            section = T(0.0);
            done = 0;
        }
        __device__ void add_section(T total) { sections = sections + total; }
        __device__ T all() const { return done > 0 ? sections + section : sections; }

    private:
        T sections{0.0}, section{0.0};
        std::size_t in_section, done = 0;
    };

    // The threads of a block add up a section each, and all of them the sections.
    template <class T>
    __device__ void add_sections(const double* all, std::size_t chunks, std::size_t in_section,
                                 Sum<T>& sum) {
        const std::size_t sections = (chunks + in_section - 1) / in_section;
        for (std::size_t first = 0; first < sections; first += totals_at_once) {
            double* const mine = totals();
            const std::size_t left = sections - first;
            const std::size_t count = left < totals_at_once ? left : totals_at_once;
            for (std::size_t s = threadIdx.x; s < count; s += blockDim.x) {
                const std::size_t begin = (first + s) * in_section;
                T section(0.0);
                for (std::size_t c = begin; c < begin + in_section && c < chunks; ++c) {
                    section = section + taken<T>(all + 2 * c);
                }
                put(section, mine + 2 * s);
            }
            __syncthreads();
            for (std::size_t s = 0; s < count; ++s) sum.add_section(taken<T>(mine + 2 * s));
            turn();
        }
    }

    // Two places for totals take turns: who is late still reads one while others write the other.
    __device__ double* totals() const {
        return reinterpret_cast<double*>(shared_memory()) + (odd ? 2 * totals_at_once : 0);
    }
    __device__ void turn() { odd = !odd; }
    __device__ double* in_workspace() {
        odd_workspace = !odd_workspace;
        return workspace + (odd_workspace ? workspace_half : 0);
    }

    NONLIN_FN static void put(Two<scalar::f32w> t, double* to) { *to = t.hi.v; }
    NONLIN_FN static void put(Two<scalar::f64> t, double* to) {
        to[0] = t.hi.v;
        to[1] = t.lo.v;
    }
    template <class T>
    NONLIN_FN static T taken(const double* from) {
        if constexpr (sizeof(T) == 2 * sizeof(double)) {
            return {scalar::f64(from[0]), scalar::f64(from[1])};
        } else {
            return {scalar::f32w(from[0])};
        }
    }

    unsigned lanes, warps, blocks, lane, group, mask;
    double* workspace;
    std::size_t workspace_half;
    bool odd = false, odd_workspace = false;
};

}  // namespace nonlin::cuda
