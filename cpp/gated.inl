// The loops of gated units, which kernels.inl comes before: float32 data in float64 lanes too, so
// that act(a) b is rounded once.

#include <nonlin/gated.h>

namespace nonlin {
namespace NONLIN_ISA {
namespace {

// n is a multiple of the lanes.
template <class Unit, class V, bool backward>
[[gnu::noinline]] void gated_loop(const KernelArguments& given, size_t n) {
    using data = typename V::data;
    const KernelArguments k = given;  // a local copy: no store to an output can change it
    for (size_t i = 0; i < n; i += V::lanes) {
        const V a = V::load(static_cast<const data*>(k.x) + i);
        const V b = V::load(static_cast<const data*>(k.second) + i);
        if constexpr (backward) {
            const V grad_output = V::load(static_cast<const data*>(k.grad_output) + i);
            Unit::gradient_of_a(grad_output, a, b).store(static_cast<data*>(k.outputs[0]) + i);
            Unit::gradient_of_b(grad_output, a).store(static_cast<data*>(k.outputs[1]) + i);
        } else {
            Unit::value(a, b).store(static_cast<data*>(k.outputs[0]) + i);
        }
    }
}

template <class Unit, class V, bool backward>
void gated_kernel(const KernelArguments& k, size_t n) {
    using data = typename V::data;
    constexpr size_t lanes = V::lanes;
    const size_t body = n - n % lanes, rest = n % lanes;
    if (body > 0) gated_loop<Unit, V, backward>(k, body);
    if (rest == 0) return;

    data a[lanes], b[lanes], grad_output[lanes], out[2][lanes];
    pad(static_cast<const data*>(k.x) + body, rest, a);
    pad(static_cast<const data*>(k.second) + body, rest, b);
    if constexpr (backward) pad(static_cast<const data*>(k.grad_output) + body, rest, grad_output);
    KernelArguments tail{};
    tail.x = a;
    tail.second = b;
    tail.grad_output = grad_output;
    tail.outputs[0] = out[0];
    tail.outputs[1] = out[1];
    gated_loop<Unit, V, backward>(tail, lanes);
    constexpr int outputs = backward ? 2 : 1;
    for (int o = 0; o < outputs; ++o) {
        for (size_t i = 0; i < rest; ++i) static_cast<data*>(k.outputs[o])[body + i] = out[o][i];
    }
}

template <class Act>
constexpr GatedKernels gated_row(size_t activation) {
    return {
        {
            gated_kernel<Gated<Act>, twice<f32w>, false>,
            gated_kernel<Gated<Act>, twice<f32w>, true>,
        },
        {
            gated_kernel<Gated<Act>, twice<f64>, false>,
            gated_kernel<Gated<Act>, twice<f64>, true>,
        },
        rows[activation].cheap,
    };
}

#define NONLIN_INDEX(name, value_work, slope_work) index_of_##name,
enum : size_t { NONLIN_ELEMENTWISE(NONLIN_INDEX) };
#undef NONLIN_INDEX

#define NONLIN_ROW(name, activation) gated_row<::nonlin::activation>(index_of_##activation),
constexpr GatedKernels gated_kernels[] = {NONLIN_GATED(NONLIN_ROW)};
#undef NONLIN_ROW

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
