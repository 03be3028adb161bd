// The loops, for the pack that the including file has named NONLIN_ISA: one kernel per activation,
// direction and dtype. Body and tail run the same code: a tail is copied into a padded buffer.

#include <nonlin/elementwise.h>
#include <nonlin/formula.h>

#include "kernel_table.h"
#include "pack/twice.h"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

template <class F, class V, class Work, Direction direction, class... P>
NONLIN_FN void step(const KernelArguments& a, size_t i, P... p) {
    using data = typename V::data;
    using formula = Formula<F, V, Work>;
    const V x = V::load(static_cast<const data*>(a.x) + i);
    data* const out = static_cast<data*>(a.outputs[0]) + i;
    if constexpr (direction == Direction::value) {
        formula::value(x, p...).store(out);
    } else if constexpr (direction == Direction::derivative) {
        formula::derivative(x, p...).store(out);
    } else if constexpr (direction == Direction::backward) {
        const V grad_output = V::load(static_cast<const data*>(a.grad_output) + i);
        (grad_output * formula::derivative(x, p...)).store(out);
    } else {
        const V y = formula::value(x, p...);
        const V d = formula::derivative(x, p...);
        y.store(out);
        d.store(static_cast<data*>(a.outputs[1]) + i);
    }
}

// The lanes of a parameter. float32 lanes serve single numbers only, and convert them once.
template <class V>
class ParameterLanes {
public:
    NONLIN_FN ParameterLanes(const KernelArguments& a, int k)
        : at(a.parameters[k]), step(a.parameter_steps[k]) {
        if constexpr (V::single) everywhere = V(*at);
    }
    NONLIN_FN V operator()(size_t i) const {
        if constexpr (V::single) {
            return everywhere;
        } else {
            return V::load_parameter(at + i * step);
        }
    }

private:
    const double* at;
    size_t step;
    V everywhere;
};

// n is a multiple of the lanes, and so is the length of a parameter that is not a single number.
template <class F, class V, class Work, Direction direction>
[[gnu::noinline]] void loop(const KernelArguments& given, size_t n) {
    constexpr int parameters = F::parameters.count;
    const KernelArguments a = given;  // a local copy: no store to an output can change it
    if constexpr (parameters == 0) {
        for (size_t i = 0; i < n; i += V::lanes) step<F, V, Work, direction>(a, i);
    } else if constexpr (parameters == 1) {
        const ParameterLanes<V> p(a, 0);
        for (size_t i = 0; i < n; i += V::lanes) step<F, V, Work, direction>(a, i, p(i));
    } else if constexpr (parameters == 2) {
        const ParameterLanes<V> p(a, 0), q(a, 1);
        for (size_t i = 0; i < n; i += V::lanes) step<F, V, Work, direction>(a, i, p(i), q(i));
    } else {
        const ParameterLanes<V> p(a, 0), q(a, 1), r(a, 2);
        for (size_t i = 0; i < n; i += V::lanes) {
            step<F, V, Work, direction>(a, i, p(i), q(i), r(i));
        }
    }
}

template <class Data, int lanes>
void pad(const Data* from, size_t n, Data (&to)[lanes]) {
    for (size_t i = 0; i < lanes; ++i) to[i] = from[i < n ? i : n - 1];
}

template <class F, class V, class Work, Direction direction>
void kernel(const KernelArguments& given, size_t n) {
    using data = typename V::data;
    constexpr size_t lanes = V::lanes;
    KernelArguments a = given;
    double repeated[max_parameters][lanes];
    for (int k = 0; k < F::parameters.count; ++k) {
        if (a.parameter_steps[k] == 0) {
            pad(a.parameters[k], 1, repeated[k]);
            a.parameters[k] = repeated[k];
        }
    }
    const size_t body = n - n % lanes, rest = n % lanes;
    if (body > 0) loop<F, V, Work, direction>(a, body);
    if (rest == 0) return;

    data x[lanes], grad_output[lanes], out[2][lanes];
    double varying[max_parameters][lanes];
    pad(static_cast<const data*>(a.x) + body, rest, x);
    KernelArguments tail = a;
    tail.x = x;
    if constexpr (direction == Direction::backward) {
        pad(static_cast<const data*>(a.grad_output) + body, rest, grad_output);
        tail.grad_output = grad_output;
    }
    for (int k = 0; k < F::parameters.count; ++k) {
        if (a.parameter_steps[k] != 0) {
            pad(a.parameters[k] + body, rest, varying[k]);
            tail.parameters[k] = varying[k];
        }
    }
    tail.outputs[0] = out[0];
    tail.outputs[1] = out[1];
    loop<F, V, Work, direction>(tail, lanes);
    constexpr int outputs = direction == Direction::value_and_derivative ? 2 : 1;
    for (int k = 0; k < outputs; ++k) {
        for (size_t i = 0; i < rest; ++i) static_cast<data*>(a.outputs[k])[body + i] = out[k][i];
    }
}

// The lanes that the table names, and those that load the data for them. Formulas in float64 lanes
// are long chains, and run two packs at a time.
template <class Work>
struct Float32 {
    using lanes = twice<f32w>;
    using work = twice<Work>;
};
template <>
struct Float32<f32> {
    using lanes = f32;
    using work = f32;
};
struct f32p;  // the name of a choice that depends on the call: exact_or_wide
struct Float64 {
    using lanes = twice<f64>;
    using work = twice<f64>;
};

template <class F, Direction direction>
void exact_or_wide(const KernelArguments& a, size_t n);

template <class F, class Lanes, Direction direction>
constexpr Kernel made() {
    if constexpr (same<Lanes, Float32<f32p>>) {
        return exact_or_wide<F, direction>;
    } else {
        return kernel<F, typename Lanes::lanes, typename Lanes::work, direction>;
    }
}

// float32 lanes where every parameter is a single number that they hold exactly.
template <class F, Direction direction>
void exact_or_wide(const KernelArguments& a, size_t n) {
    bool exact = true;
    for (int k = 0; k < F::parameters.count; ++k) {
        const double p = *a.parameters[k];
        exact &= a.parameter_steps[k] == 0 && static_cast<double>(static_cast<float>(p)) == p;
    }
    (exact ? made<F, Float32<f32>, direction>() : made<F, Float32<f32w>, direction>())(a, n);
}

// The elements from i on of a call over float32 data.
template <class F>
KernelArguments part(const KernelArguments& a, size_t i) {
    KernelArguments p = a;
    p.x = static_cast<const float*>(a.x) + i;
    p.grad_output = static_cast<const float*>(a.grad_output) + (a.grad_output != nullptr ? i : 0);
    for (int k = 0; k < F::parameters.count; ++k) p.parameters[k] += i * a.parameter_steps[k];
    for (void*& output : p.outputs) {
        if (output != nullptr) output = static_cast<float*>(output) + i;
    }
    return p;
}

template <class F>
bool all_defaults(const KernelArguments& a, size_t i) {
    bool all = true;
    for (int k = 0; k < F::parameters.count; ++k) {
        all &= a.parameters[k][i * a.parameter_steps[k]] == F::parameters.list[k].fallback;
    }
    return all;
}

// Which formula gives an element depends on that element's parameters alone.
template <class F, class Lanes, class DefaultLanes, Direction direction>
void with_default(const KernelArguments& a, size_t n) {
    const Kernel at_default = made<Unparametrised<F>, DefaultLanes, direction>();
    const Kernel general = made<F, Lanes, direction>();
    bool uniform = true;
    for (int k = 0; k < F::parameters.count; ++k) uniform &= a.parameter_steps[k] == 0;
    if (uniform) return (all_defaults<F>(a, 0) ? at_default : general)(a, n);
    for (size_t i = 0; i < n; i += block) {
        const size_t count = n - i < block ? n - i : block;
        const KernelArguments here = part<F>(a, i);
        float out[block];
        KernelArguments apart = here;
        apart.outputs[0] = out;
        at_default(apart, count);
        general(here, count);
        for (size_t k = 0; k < count; ++k) {
            if (all_defaults<F>(here, k)) static_cast<float*>(here.outputs[0])[k] = out[k];
        }
    }
}

template <class F, class Lanes>
constexpr Kernel value_kernel() {
    if constexpr (value_at_default<F, f32>) {
        return with_default<F, Lanes, Float32<f32>, Direction::value>;
    } else {
        return made<F, Lanes, Direction::value>();
    }
}
template <class F, class Lanes, Direction direction>
constexpr Kernel slope_kernel() {
    if constexpr (slope_at_default<F, f32w>) {
        return with_default<F, Lanes, Float32<f32w>, direction>;
    } else {
        return made<F, Lanes, direction>();
    }
}

// Value and derivative in one pass over lanes of two kinds: block by block, x read before it may be
// overwritten.
template <class F, class ValueLanes, class SlopeLanes>
void value_then_derivative(const KernelArguments& a, size_t n) {
    for (size_t i = 0; i < n; i += block) {
        const size_t count = n - i < block ? n - i : block;
        KernelArguments here = part<F>(a, i);
        float x[block];
        for (size_t k = 0; k < count; ++k) x[k] = static_cast<const float*>(here.x)[k];
        here.x = x;
        value_kernel<F, ValueLanes>()(here, count);
        here.outputs[0] = here.outputs[1];
        slope_kernel<F, SlopeLanes, Direction::derivative>()(here, count);
    }
}

template <class F, class ValueLanes, class SlopeLanes>
constexpr Kernel value_and_derivative_kernel() {
    if constexpr (same<ValueLanes, SlopeLanes> && !value_at_default<F, f32> &&
                  !slope_at_default<F, f32w>) {
        return made<F, ValueLanes, Direction::value_and_derivative>();
    } else {
        return value_then_derivative<F, ValueLanes, SlopeLanes>;
    }
}

// Kernels stand in the order of Direction.
template <class F, class ValueWork, class SlopeWork>
constexpr KernelRow row() {
    using value_lanes = Float32<ValueWork>;
    using slope_lanes = Float32<SlopeWork>;
    return {
        {
            value_kernel<F, value_lanes>(),
            slope_kernel<F, slope_lanes, Direction::derivative>(),
            slope_kernel<F, slope_lanes, Direction::backward>(),
            value_and_derivative_kernel<F, value_lanes, slope_lanes>(),
        },
        {
            made<F, Float64, Direction::value>(),
            made<F, Float64, Direction::derivative>(),
            made<F, Float64, Direction::backward>(),
            made<F, Float64, Direction::value_and_derivative>(),
        },
        same<SlopeWork, f32> || same<SlopeWork, f32p>,
    };
}

#define NONLIN_ROW(name, value_work, slope_work) row<::nonlin::name, value_work, slope_work>(),
constexpr KernelRow rows[] = {NONLIN_ELEMENTWISE(NONLIN_ROW)};
#undef NONLIN_ROW

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
