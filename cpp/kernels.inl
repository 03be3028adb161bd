// The loops, for the pack that the including file has named NONLIN_ISA: one kernel per activation,
// direction and dtype. Body and tail run the same code: a tail is copied into a padded buffer.

#include <nonlin/elementwise.h>

#include "kernel_table.h"
#include "pack/twice.h"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

enum { value, derivative, backward, value_and_derivative };

template <class A, class B>
constexpr bool same = false;
template <class A>
constexpr bool same<A, A> = true;

// F over lanes V, computed in lanes Work: V itself, or f64 where V holds float32 data that needs
// it.
template <class F, class V, class Work>
struct Formula {
    static constexpr bool direct = same<V, Work>;

    template <class... P>
    NONLIN_FN static V value(V x, P... p) {
        if constexpr (direct) {
            return F::value(x, p...);
        } else {
            return V::from_precise(F::value(x.to_precise(), p.to_precise()...));
        }
    }
    template <class... P>
    NONLIN_FN static V derivative(V x, P... p) {
        if constexpr (direct) {
            return F::derivative(x, p...);
        } else {
            return V::from_precise(F::derivative(x.to_precise(), p.to_precise()...));
        }
    }
};

template <class F, class V, class Work, int direction, class... P>
NONLIN_FN void step(const KernelArguments& a, size_t i, P... p) {
    using data = typename V::data;
    using formula = Formula<F, V, Work>;
    const V x = V::load(static_cast<const data*>(a.x) + i);
    data* const out = static_cast<data*>(a.outputs[0]) + i;
    if constexpr (direction == value) {
        formula::value(x, p...).store(out);
    } else if constexpr (direction == derivative) {
        formula::derivative(x, p...).store(out);
    } else if constexpr (direction == backward) {
        const V grad_output = V::load(static_cast<const data*>(a.grad_output) + i);
        (grad_output * formula::derivative(x, p...)).store(out);
    } else {
        const V y = formula::value(x, p...);
        const V d = formula::derivative(x, p...);
        y.store(out);
        d.store(static_cast<data*>(a.outputs[1]) + i);
    }
}

template <class V>
NONLIN_FN V parameter(const KernelArguments& a, int k, size_t i) {
    return V::load_parameter(a.parameters[k] + i * a.parameter_steps[k]);
}

// n is a multiple of the lanes, and so is the length of a parameter that is not a single number.
template <class F, class V, class Work, int direction>
[[gnu::noinline]] void loop(const KernelArguments& given, size_t n) {
    constexpr int parameters = F::parameters.count;
    const KernelArguments a = given;  // a local copy: no store to an output can change it
    for (size_t i = 0; i < n; i += V::lanes) {
        if constexpr (parameters == 0) {
            step<F, V, Work, direction>(a, i);
        } else if constexpr (parameters == 1) {
            step<F, V, Work, direction>(a, i, parameter<V>(a, 0, i));
        } else if constexpr (parameters == 2) {
            step<F, V, Work, direction>(a, i, parameter<V>(a, 0, i), parameter<V>(a, 1, i));
        } else {
            step<F, V, Work, direction>(a, i, parameter<V>(a, 0, i), parameter<V>(a, 1, i),
                                        parameter<V>(a, 2, i));
        }
    }
}

template <class Data, int lanes>
void pad(const Data* from, size_t n, Data (&to)[lanes]) {
    for (size_t i = 0; i < lanes; ++i) to[i] = from[i < n ? i : n - 1];
}

template <class F, class V, class Work, int direction>
void kernel(const KernelArguments& given, size_t n) {
    using data = typename V::data;
    constexpr size_t lanes = V::lanes;
    KernelArguments a = given;
    double uniform[3][lanes];
    for (int k = 0; k < F::parameters.count; ++k) {
        if (a.parameter_steps[k] == 0) {
            pad(a.parameters[k], 1, uniform[k]);
            a.parameters[k] = uniform[k];
        }
    }
    const size_t body = n - n % lanes, rest = n % lanes;
    if (body > 0) loop<F, V, Work, direction>(a, body);
    if (rest == 0) return;

    data x[lanes], grad_output[lanes], out[2][lanes];
    double varying[3][lanes];
    pad(static_cast<const data*>(a.x) + body, rest, x);
    KernelArguments tail = a;
    tail.x = x;
    if constexpr (direction == backward) {
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
    constexpr int outputs = direction == value_and_derivative ? 2 : 1;
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
struct Float64 {
    using lanes = twice<f64>;
    using work = twice<f64>;
};

template <class F, class Lanes, int direction>
constexpr Kernel made() {
    return kernel<F, typename Lanes::lanes, typename Lanes::work, direction>;
}

// A formula F::at_default takes no parameters and serves float32 values, in float32 lanes, where
// every parameter has its default.
template <class...>
using when_exists = void;
template <class F, class = void>
constexpr bool faster_at_default = false;
template <class F>
constexpr bool faster_at_default<F, when_exists<typename F::at_default>> = true;

template <class F>
struct Unparametrised : F::at_default {
    static constexpr Parameters parameters = no_parameters();
};

constexpr size_t block = 256;

// n elements from i on.
KernelArguments part(const KernelArguments& a, int parameters, size_t i) {
    KernelArguments p = a;
    p.x = static_cast<const float*>(a.x) + i;
    for (int k = 0; k < parameters; ++k) p.parameters[k] += i * a.parameter_steps[k];
    for (void*& output : p.outputs) {
        if (output != nullptr) output = static_cast<float*>(output) + i;
    }
    return p;
}

// Which formula gives an element depends on that element's parameters alone.
template <class F, class Lanes>
void value_with_default(const KernelArguments& a, size_t n) {
    static_assert(F::parameters.count == 1, "written for one parameter");
    constexpr double usual = F::parameters.list[0].fallback;
    const Kernel fast = made<Unparametrised<F>, Float32<f32>, value>();
    const Kernel general = made<F, Lanes, value>();
    if (a.parameter_steps[0] == 0) return (*a.parameters[0] == usual ? fast : general)(a, n);
    for (size_t i = 0; i < n; i += block) {
        const size_t count = n - i < block ? n - i : block;
        const KernelArguments here = part(a, 1, i);
        float fast_y[block];
        KernelArguments apart = here;
        apart.outputs[0] = fast_y;
        fast(apart, count);
        general(here, count);
        for (size_t k = 0; k < count; ++k) {
            if (here.parameters[0][k] == usual) static_cast<float*>(here.outputs[0])[k] = fast_y[k];
        }
    }
}

template <class F, class Lanes>
constexpr Kernel value_kernel() {
    if constexpr (faster_at_default<F>) {
        return value_with_default<F, Lanes>;
    } else {
        return made<F, Lanes, value>();
    }
}

// Value and derivative in one pass over lanes of two kinds: block by block, x read before it may be
// overwritten.
template <class F, class ValueLanes, class SlopeLanes>
void value_then_derivative(const KernelArguments& a, size_t n) {
    for (size_t i = 0; i < n; i += block) {
        const size_t count = n - i < block ? n - i : block;
        KernelArguments here = part(a, F::parameters.count, i);
        float x[block];
        for (size_t k = 0; k < count; ++k) x[k] = static_cast<const float*>(here.x)[k];
        here.x = x;
        value_kernel<F, ValueLanes>()(here, count);
        here.outputs[0] = here.outputs[1];
        made<F, SlopeLanes, derivative>()(here, count);
    }
}

template <class F, class ValueWork, class SlopeWork>
constexpr KernelRow row() {
    using value_lanes = Float32<ValueWork>;
    using slope_lanes = Float32<SlopeWork>;
    KernelRow r{};
    r.float32[value] = value_kernel<F, value_lanes>();
    r.float32[derivative] = made<F, slope_lanes, derivative>();
    r.float32[backward] = made<F, slope_lanes, backward>();
    if constexpr (same<ValueWork, SlopeWork> && !faster_at_default<F>) {
        r.float32[value_and_derivative] = made<F, value_lanes, value_and_derivative>();
    } else {
        r.float32[value_and_derivative] = value_then_derivative<F, value_lanes, slope_lanes>;
    }
    r.float64[value] = made<F, Float64, value>();
    r.float64[derivative] = made<F, Float64, derivative>();
    r.float64[backward] = made<F, Float64, backward>();
    r.float64[value_and_derivative] = made<F, Float64, value_and_derivative>();
    r.cheap = F::parameters.count == 0 && same<SlopeWork, f32>;
    return r;
}

#define NONLIN_ROW(name, value_work, slope_work) row<::nonlin::name, value_work, slope_work>(),
constexpr KernelRow rows[] = {NONLIN_ELEMENTWISE(NONLIN_ROW)};
#undef NONLIN_ROW

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
