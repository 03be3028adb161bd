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
[[gnu::noinline]] void loop(const KernelArguments& a, size_t n) {
    constexpr int parameters = F::parameters.count;
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

template <class F, class V, class Work>
constexpr void fill(Kernel (&row)[4]) {
    row[value] = kernel<F, V, Work, value>;
    row[derivative] = kernel<F, V, Work, derivative>;
    row[backward] = kernel<F, V, Work, backward>;
    row[value_and_derivative] = kernel<F, V, Work, value_and_derivative>;
}

template <class F, class Work>
constexpr KernelRow row() {
    KernelRow r{};
    fill<F, typename Float32<Work>::lanes, Work>(r.float32);
    fill<F, f64, f64>(r.float64);
    r.cheap = same<Work, f32>;
    return r;
}

#define NONLIN_ROW(name, work) row<::nonlin::name, work>(),
constexpr KernelRow rows[] = {NONLIN_ELEMENTWISE(NONLIN_ROW)};
#undef NONLIN_ROW

} // namespace
} // namespace NONLIN_ISA
} // namespace nonlin
