// The loops over elements. A thread that runs `planes` first asks for all its numbers, 64 bytes of
// each input, and computes when they are there: enough is under way to keep the memory busy.
#pragma once

#include <cuda_pipeline.h>

#include "elementwise_table.h"
#include "operations.h"

namespace nonlin::cuda {

// Where element i stands. Divisions of 64 bits take several times as long as those of 32.
struct Place {
    std::size_t row, column;
};
NONLIN_FN Place place(std::size_t element, std::size_t in_row, std::size_t all) {
    if (in_row == all) return {0, element};
    if (all <= 0xFFFFFFFFu) {
        const unsigned at = static_cast<unsigned>(element), row = static_cast<unsigned>(in_row);
        return {at / row, at % row};
    }
    return {element / in_row, element % in_row};
}

// x, or x + bias, rounded to the dtype.
template <class Op, class Item>
NONLIN_FN Inputs<Real<Item>> sum_of(Inputs<Real<Item>> in, bool second, Dtype dtype) {
    if (!Op::gated && second) in.x = number(item<Item>(in.x + in.second, dtype), dtype);
    return in;
}

// Neighbours in memory, in one access.
template <class Item, int items>
struct alignas(items * sizeof(Item)) Pack {
    Item item[items];
};

template <class Op, class Item>
__global__ void __launch_bounds__(plane_threads) planes(const Planes a) {
    using Number = Real<Item>;
    constexpr unsigned per_vector = 16 / sizeof(Item), in_pack = sizeof(Item) == 8 ? 2 : 4;
    using In = Pack<Item, in_pack>;
    const std::size_t first =
        (std::size_t{blockIdx.x} * plane_threads * plane_vectors + threadIdx.x) * per_vector;
    char* const mine = shared_memory() + threadIdx.x * 16;
    const auto start = [&](unsigned v) { return first + v * (plane_threads * per_vector); };
    const auto staged = [&](int k, unsigned v) {
        return mine + (static_cast<unsigned>(k) * plane_vectors + v) * (plane_threads * 16);
    };

#pragma unroll
    for (unsigned v = 0; v < plane_vectors; ++v) {
        if (start(v) + per_vector > a.count) break;
        const Place at = place(start(v), a.length, a.count);
        for (int k = 0; k < a.inputs; ++k) {
            __pipeline_memcpy_async(staged(k, v), a.input[k].from(at.row, at.column, sizeof(Item)),
                                    16);
        }
    }
    __pipeline_commit();
    __pipeline_wait_prior(0);

    const auto outputs_of = [&](Item x, Item second, Item grad_output) {
        const Inputs<Number> in{number(x, a.dtype), number(second, a.dtype),
                                a.grad_output < 0 ? Number(1) : number(grad_output, a.dtype)};
        return Op::of(sum_of<Op, Item>(in, a.second >= 0, a.dtype), a.parameters);
    };
#pragma unroll 1
    for (unsigned v = 0; v < plane_vectors && start(v) < a.count; ++v) {
        const Place at = place(start(v), a.length, a.count);
        if (start(v) + per_vector <= a.count) {
#pragma unroll 1
            for (unsigned done = 0; done < per_vector; done += in_pack) {
                const auto given = [&](int k) {
                    return *reinterpret_cast<const In*>(staged(k, v) + done * sizeof(Item));
                };
                const In x = given(0);
                In second{}, grad_output{}, out[2];
                if (a.second >= 0) second = given(a.second);
                if (a.grad_output >= 0) grad_output = given(a.grad_output);
#pragma unroll
                for (unsigned e = 0; e < in_pack; ++e) {
                    const auto y = outputs_of(x.item[e], second.item[e], grad_output.item[e]);
                    out[0].item[e] = item<Item>(y.first, a.dtype);
                    if (Op::outputs > 1) out[1].item[e] = item<Item>(y.second, a.dtype);
                }
#pragma unroll
                for (int k = 0; k < Op::outputs; ++k) {
                    *reinterpret_cast<In*>(
                        a.output[k].from(at.row, at.column + done, sizeof(Item))) = out[k];
                }
            }
            continue;
        }
#pragma unroll 1
        for (std::size_t column = at.column; column < a.length; ++column) {
            const auto given = [&](int k) {
                return k < 0 ? Item{}
                             : *reinterpret_cast<const Item*>(
                                   a.input[k].from(at.row, column, sizeof(Item)));
            };
            const auto put = [&](int k, Number y) {
                *reinterpret_cast<Item*>(a.output[k].from(at.row, column, sizeof(Item))) =
                    item<Item>(y, a.dtype);
            };
            const auto y = outputs_of(given(0), given(a.second), given(a.grad_output));
            put(0, y.first);
            if (Op::outputs > 1) put(1, y.second);
        }
    }
}

// One thread for each element of arrays in any order.
template <class Op, class Number>
__global__ void __launch_bounds__(scattered_threads) scattered(const Scattered a) {
    std::size_t i = std::size_t{blockIdx.x} * scattered_threads + threadIdx.x;
    if (i >= a.count) return;
    const char* input[max_inputs] = {};
    const char* parameter[max_parameters] = {};
    char* output[2] = {};
    for (int k = 0; k < max_inputs; ++k) input[k] = static_cast<const char*>(a.input[k].at);
    for (int k = 0; k < Op::parameters; ++k) {
        parameter[k] = static_cast<const char*>(a.parameter[k].at);
    }
    for (int k = 0; k < Op::outputs; ++k) output[k] = static_cast<char*>(a.output[k].at);
    for (int d = a.dimensions - 1; d >= 0; --d) {
        const Place at = place(i, a.sizes[d], a.count);
        const auto coordinate = static_cast<std::ptrdiff_t>(at.column);
        i = at.row;
        for (int k = 0; k < max_inputs; ++k) input[k] += coordinate * a.input[k].steps[d];
        for (int k = 0; k < Op::parameters; ++k) {
            parameter[k] += coordinate * a.parameter[k].steps[d];
        }
        for (int k = 0; k < Op::outputs; ++k) output[k] += coordinate * a.output[k].steps[d];
    }
    double p[max_parameters] = {};
    for (int k = 0; k < Op::parameters; ++k) {
        p[k] = a.parameter[k].at == nullptr ? a.parameter[k].value
                                            : load_parameter(parameter[k], a.parameter[k].dtype);
    }
    const auto given = [&](int k, Number otherwise) {
        return a.input[k].at == nullptr ? otherwise : load<Number>(input[k], a.dtype);
    };
    Inputs<Number> in{given(0, 0), given(1, 0), given(2, 1)};
    const bool second = a.input[1].at != nullptr;
    if (a.dtype == Dtype::float16 || a.dtype == Dtype::bfloat16) {
        if constexpr (sizeof(Number) == 4) in = sum_of<Op, unsigned short>(in, second, a.dtype);
    } else {
        in = sum_of<Op, Number>(in, second, a.dtype);
    }
    const Outputs<Number> y = Op::of(in, p);
    store(y.first, output[0], a.dtype);
    if (Op::outputs > 1) store(y.second, output[1], a.dtype);
}

// The kernel for some parameters, where it is not the general one.
template <class F, class ValueWork, class SlopeWork, Variant variant, Want want, class Item>
constexpr PlanesKernel planes_kernel() {
    constexpr bool value = want != Want::slope, slope = want != Want::value;
    constexpr bool exact = (value && same<ValueWork, f32p>) || (slope && same<SlopeWork, f32p>);
    constexpr bool at_default =
        (value && value_at_default<F, f32>) || (slope && slope_at_default<F, f32w>);
    constexpr bool different = sizeof(Item) < 8 && ((variant == Variant::exact && exact) ||
                                                    (variant == Variant::at_default && at_default));
    return planes<Activated<F, ValueWork, SlopeWork, different ? variant : Variant::general, want>,
                  Item>;
}
template <class F, class ValueWork, class SlopeWork, Want want, class Item>
constexpr VariantKernels planes_kernels() {
    return {{planes_kernel<F, ValueWork, SlopeWork, Variant::general, want, Item>(),
             planes_kernel<F, ValueWork, SlopeWork, Variant::exact, want, Item>(),
             planes_kernel<F, ValueWork, SlopeWork, Variant::at_default, want, Item>()}};
}
template <class F, class ValueWork, class SlopeWork, class Item>
constexpr PlanesRow planes_row() {
    return {{planes_kernels<F, ValueWork, SlopeWork, Want::value, Item>(),
             planes_kernels<F, ValueWork, SlopeWork, Want::slope, Item>(),
             planes_kernels<F, ValueWork, SlopeWork, Want::both, Item>()}};
}
template <class Act, class Item>
constexpr PlanesRow gated_planes_row() {
    return {{{{planes<GatedUnit<Act, Want::value>, Item>}},
             {},
             {{planes<GatedUnit<Act, Want::both>, Item>}}}};
}

template <class F, class ValueWork, class SlopeWork, class Number>
constexpr ScatteredRow scattered_row() {
    constexpr Variant any = Variant::varied;
    return {{scattered<Activated<F, ValueWork, SlopeWork, any, Want::value>, Number>,
             scattered<Activated<F, ValueWork, SlopeWork, any, Want::slope>, Number>,
             scattered<Activated<F, ValueWork, SlopeWork, any, Want::both>, Number>}};
}
template <class Act, class Number>
constexpr ScatteredRow gated_scattered_row() {
    return {{scattered<GatedUnit<Act, Want::value>, Number>, nullptr,
             scattered<GatedUnit<Act, Want::both>, Number>}};
}

}  // namespace nonlin::cuda

// The rows of a table whose numbers are `of`.
#define NONLIN_PLANES(name, value_work, slope_work)                                                \
    nonlin::cuda::planes_row<nonlin::name, value_work, slope_work, NONLIN_ITEM>(),
#define NONLIN_GATED_PLANES(name, activation)                                                      \
    nonlin::cuda::gated_planes_row<nonlin::activation, NONLIN_ITEM>(),
#define NONLIN_SCATTERED(name, value_work, slope_work)                                             \
    nonlin::cuda::scattered_row<nonlin::name, value_work, slope_work, NONLIN_ITEM>(),
#define NONLIN_GATED_SCATTERED(name, activation)                                                   \
    nonlin::cuda::gated_scattered_row<nonlin::activation, NONLIN_ITEM>(),
