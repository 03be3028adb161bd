// The loop over elements. A thread first asks for all its numbers, 64 bytes of each input, and
// computes when they are there: enough is under way to keep the memory busy. They wait in shared
// memory, which no two threads share here: it is a register file that a loop can go through. Arrays
// of parameters are read when their turn comes: most are short, and in a cache.
#pragma once

#include <cuda_pipeline.h>

#include "elementwise_table.h"
#include "operations.h"
#include "strides.h"

namespace nonlin::cuda {

// Neighbours in memory, in one access.
template <class Item, unsigned items>
struct alignas(items * sizeof(Item)) Pack {
    Item item[items];
};

template <class Item>
NONLIN_FN Elements elements(const Elementwise& a, std::size_t group) {
    constexpr unsigned most = group_bytes / sizeof(Item);
    if (group >= a.groups) return {0, 0, 0};
    const Divided by = a.dimensions == 1 ? Divided{0, group} : a.groups_of_row.divided(group);
    const std::size_t column = by.remainder * most, left = a.length - column;
    return {by.quotient, column, left < most ? static_cast<unsigned>(left) : most};
}

NONLIN_FN char* first_of(const Elementwise& a, const Array& array, const Elements& these) {
    const int inner = a.dimensions - 1;
    char* const at = array.at + static_cast<std::ptrdiff_t>(these.column) * array.steps[inner];
    return at + offset_of(these.row, inner, a.sizes, array.steps);
}

// x, or x + bias, rounded to the dtype.
template <class Op, class Item>
NONLIN_FN Inputs<Real<Item>> sum_of(Inputs<Real<Item>> in, bool second, Dtype dtype) {
    if (!Op::gated && second) in.x = number(item<Item>(in.x + in.second, dtype), dtype);
    return in;
}

template <class Op, class Item>
__global__ void __launch_bounds__(block_threads) elementwise(const Elementwise a) {
    using Number = Real<Item>;
    constexpr unsigned most = group_bytes / sizeof(Item), in_pack = sizeof(Item) == 8 ? 2 : 4;
    using Few = Pack<Item, in_pack>;  // as many as are computed in one turn
    using Group = Pack<Few, most / in_pack>;
    const std::size_t first =
        std::size_t{blockIdx.x} * block_threads * groups_of_thread + threadIdx.x;
    const auto group = [&](unsigned g) { return elements<Item>(a, first + g * block_threads); };
    char* const mine = shared_memory() + threadIdx.x * group_bytes;
    const auto slot = [&](int k, unsigned g) {
        return reinterpret_cast<Group*>(mine + (static_cast<unsigned>(k) * groups_of_thread + g) *
                                                   block_threads * group_bytes);
    };

#pragma unroll 1
    for (int k = 0; k < a.inputs; ++k) {
        const Array& from = a.input[k];
        const std::ptrdiff_t step = from.steps[a.dimensions - 1];
        Group held[groups_of_thread];
#pragma unroll
        for (unsigned g = 0; g < groups_of_thread; ++g) {
            const Elements these = group(g);
            if (these.count == 0) break;
            const char* const at = first_of(a, from, these);
            if (from.in_groups && these.count == most) {
                __pipeline_memcpy_async(slot(k, g), at, group_bytes);
                continue;
            }
#pragma unroll
            for (unsigned e = 0; e < most; ++e) {
                if (e < these.count) {
                    held[g].item[e / in_pack].item[e % in_pack] =
                        *reinterpret_cast<const Item*>(at + static_cast<std::ptrdiff_t>(e) * step);
                }
            }
        }
#pragma unroll
        for (unsigned g = 0; g < groups_of_thread; ++g) {
            if (from.in_groups && group(g).count == most) continue;
            *slot(k, g) = held[g];
        }
    }
    __pipeline_commit();
    __pipeline_wait_prior(0);

#pragma unroll 1
    for (unsigned g = 0; g < groups_of_thread; ++g) {
        const Elements these = group(g);
        if (these.count == 0) break;
        const char* parameter[max_parameters] = {};
        if constexpr (Op::varied) {
            for (int k = 0; k < Op::parameters; ++k) {
                parameter[k] = first_of(a, a.parameter[k], these);
            }
        }
#pragma unroll 1
        for (unsigned done = 0; done < these.count; done += in_pack) {
            const auto few = [&](int k) -> Few& { return slot(k, g)->item[done / in_pack]; };
            const Few x = few(0), second = few(a.second < 0 ? 0 : a.second),
                      grad_output = few(a.grad_output < 0 ? 0 : a.grad_output);
            Few out[2];
#pragma unroll
            for (unsigned e = 0; e < in_pack; ++e) {
                double p[max_parameters];
                for (int k = 0; k < Op::parameters; ++k) p[k] = a.numbers[k];
                if constexpr (Op::varied) {
                    // What is behind the last element is not looked at.
                    const unsigned place = done + e < these.count ? done + e : these.count - 1;
                    for (int k = 0; k < Op::parameters; ++k) {
                        const Array& from = a.parameter[k];
                        if (from.at == nullptr) continue;
                        p[k] = load_parameter(parameter[k] + static_cast<std::ptrdiff_t>(place) *
                                                                 from.steps[a.dimensions - 1],
                                              from.dtype);
                    }
                }
                const Inputs<Number> in{number(x.item[e], a.dtype), number(second.item[e], a.dtype),
                                        a.grad_output < 0 ? Number(1)
                                                          : number(grad_output.item[e], a.dtype)};
                const auto y = Op::of(sum_of<Op, Item>(in, a.second >= 0, a.dtype), p);
                out[0].item[e] = item<Item>(y.first, a.dtype);
                if (Op::outputs > 1) out[1].item[e] = item<Item>(y.second, a.dtype);
            }
            for (int k = 0; k < Op::outputs; ++k) few(k) = out[k];
        }
#pragma unroll
        for (int k = 0; k < Op::outputs; ++k) {
            const Array& to = a.output[k];
            char* at = first_of(a, to, these);
            const Group& results = *slot(k, g);
            if (to.in_groups && these.count == most) {
                *reinterpret_cast<Group*>(at) = results;
                continue;
            }
#pragma unroll 1
            for (unsigned e = 0; e < these.count; ++e, at += to.steps[a.dimensions - 1]) {
                *reinterpret_cast<Item*>(at) = results.item[e / in_pack].item[e % in_pack];
            }
        }
    }
}

// The kernel for some parameters: the general one, where no formula is for them alone.
template <class F, class ValueWork, class SlopeWork, class Item, Want want, Variant variant>
constexpr ElementwiseKernel kernel() {
    constexpr bool value = want != Want::slope, slope = want != Want::value;
    constexpr bool in_float32 =
        (value && same<ValueWork, f32p>) || (slope && same<SlopeWork, f32p>);
    constexpr bool has_default =
        (value && value_at_default<F, f32>) || (slope && slope_at_default<F, f32w>);
    constexpr bool own = (variant == Variant::exact && sizeof(Item) < 8 && in_float32) ||
                         (variant == Variant::at_default && sizeof(Item) < 8 && has_default) ||
                         (variant == Variant::varied && F::parameters.count > 0);
    return elementwise<Activated<F, ValueWork, SlopeWork, want, own ? variant : Variant::general>,
                       Item>;
}
template <class F, class ValueWork, class SlopeWork, class Item, Want want>
constexpr VariantKernels kernels() {
    return {{kernel<F, ValueWork, SlopeWork, Item, want, Variant::general>(),
             kernel<F, ValueWork, SlopeWork, Item, want, Variant::exact>(),
             kernel<F, ValueWork, SlopeWork, Item, want, Variant::at_default>(),
             kernel<F, ValueWork, SlopeWork, Item, want, Variant::varied>()}};
}
template <class F, class ValueWork, class SlopeWork, class Item>
constexpr ElementwiseRow activation() {
    return {{kernels<F, ValueWork, SlopeWork, Item, Want::value>(),
             kernels<F, ValueWork, SlopeWork, Item, Want::slope>(),
             kernels<F, ValueWork, SlopeWork, Item, Want::both>()}};
}
template <class Act, class Item>
constexpr ElementwiseRow gated_unit() {
    return {{{{elementwise<GatedUnit<Act, Want::value>, Item>}},
             {},
             {{elementwise<GatedUnit<Act, Want::both>, Item>}}}};
}

#define NONLIN_ENTRY(name, value_work, slope_work)                                                 \
    activation<nonlin::name, value_work, slope_work, Item>(),
template <class Item>
constexpr ElementwiseRow activations[] = {NONLIN_ELEMENTWISE(NONLIN_ENTRY)};
#undef NONLIN_ENTRY
#define NONLIN_ENTRY(name, activation) gated_unit<nonlin::activation, Item>(),
template <class Item>
constexpr ElementwiseRow gated_units[] = {NONLIN_GATED(NONLIN_ENTRY)};
#undef NONLIN_ENTRY

template <class Item>
constexpr ElementwiseTable table = {activations<Item>, gated_units<Item>};

}  // namespace nonlin::cuda
