// The loops, for the pack that the including file has named NONLIN_ISA: one kernel per activation,
// direction and dtype. Body and tail run the same code: a tail is copied into a padded buffer.

#include <nonlin/elementwise.h>

#include "kernel_table.h"

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

// n is a multiple of the lanes, and so is the length of a parameter that is not a single number.
template <class F, class V, class Work, int direction>
[[gnu::noinline]] void loop(const KernelArguments& given, size_t n) {
    constexpr int parameters = F::parameters.count;
    const KernelArguments a = given;  // a local copy: no store to an output can change it
    for (size_t i = 0; i < n; i += V::lanes) {
        if constexpr (parameters == 0) {
            step<F, V, Work, direction>(a, i);
        } else {
            const V p0 = V::load_parameter(a.parameters[0] + i * a.parameter_steps[0]);
            if constexpr (parameters == 1) {
                step<F, V, Work, direction>(a, i, p0);
            } else {
                const V p1 = V::load_parameter(a.parameters[1] + i * a.parameter_steps[1]);
                if constexpr (parameters == 2) {
                    step<F, V, Work, direction>(a, i, p0, p1);
                } else {
                    const V p2 = V::load_parameter(a.parameters[2] + i * a.parameter_steps[2]);
                    step<F, V, Work, direction>(a, i, p0, p1, p2);
                }
            }
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

// float32 data in lanes Work: as they are, or loaded into wide lanes where Work is f64.
template <class Work>
struct Float32 {
    using lanes = Work;
};
template <>
struct Float32<f64> {
    using lanes = f32w;
};

// Value and derivative in one pass over lanes of two kinds: block by block, x read before it may be
// overwritten.
template <class F, class ValueWork, class SlopeWork>
void both(const KernelArguments& given, size_t n) {
    constexpr size_t block = 256;
    float x[block];
    KernelArguments a = given;
    a.x = x;
    for (size_t i = 0; i < n; i += block) {
        const size_t count = n - i < block ? n - i : block;
        for (size_t k = 0; k < count; ++k) x[k] = static_cast<const float*>(given.x)[i + k];
        a.outputs[0] = static_cast<float*>(given.outputs[0]) + i;
        kernel<F, typename Float32<ValueWork>::lanes, ValueWork, value>(a, count);
        a.outputs[0] = static_cast<float*>(given.outputs[1]) + i;
        kernel<F, typename Float32<SlopeWork>::lanes, SlopeWork, derivative>(a, count);
    }
}

template <class F, class ValueWork, class SlopeWork>
constexpr KernelRow row() {
    using value_lanes = typename Float32<ValueWork>::lanes;
    using slope_lanes = typename Float32<SlopeWork>::lanes;
    KernelRow r{};
    r.float32[value] = kernel<F, value_lanes, ValueWork, value>;
    r.float32[derivative] = kernel<F, slope_lanes, SlopeWork, derivative>;
    r.float32[backward] = kernel<F, slope_lanes, SlopeWork, backward>;
    if constexpr (same<ValueWork, SlopeWork>) {
        r.float32[value_and_derivative] = kernel<F, value_lanes, ValueWork, value_and_derivative>;
    } else {
        static_assert(F::parameters.count == 0, "both() advances no parameter");
        r.float32[value_and_derivative] = both<F, ValueWork, SlopeWork>;
    }
    r.float64[value] = kernel<F, f64, f64, value>;
    r.float64[derivative] = kernel<F, f64, f64, derivative>;
    r.float64[backward] = kernel<F, f64, f64, backward>;
    r.float64[value_and_derivative] = kernel<F, f64, f64, value_and_derivative>;
    r.cheap = F::parameters.count == 0 && same<SlopeWork, f32>;
    return r;
}

#define NONLIN_ROW(name, value_work, slope_work) row<::nonlin::name, value_work, slope_work>(),
constexpr KernelRow rows[] = {NONLIN_ELEMENTWISE(NONLIN_ROW)};
#undef NONLIN_ROW

} // namespace
} // namespace NONLIN_ISA
} // namespace nonlin
