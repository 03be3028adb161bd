// What is computed of one element, with the lanes and the formulas that the CPU uses.
#pragma once

#include <nonlin/elementwise.h>
#include <nonlin/formula.h>
#include <nonlin/gated.h>
#include <nonlin/scalar.h>

#include "data.h"
#include "elementwise_table.h"

namespace nonlin::cuda {

using scalar::f32;
using scalar::f32w;
using scalar::f64;
struct f32p;  // lanes that depend on the call

// The numbers of an element. The gradient is 1 where there is none.
template <class Number>
struct Inputs {
    Number x, second, grad_output;
};
template <class Number>
struct Outputs {
    Number first, second;
};

// Lanes for float32 data, of what the table names, and lanes to work in.
template <class Work, bool exact>
struct Lanes {
    using V = f32w;
    using W = Work;
};
template <bool exact>
struct Lanes<f32, exact> {
    using V = f32;
    using W = f32;
};
template <>
struct Lanes<f32p, true> : Lanes<f32, true> {};
template <>
struct Lanes<f32p, false> : Lanes<f32w, false> {};

template <class F, int k = 0>
NONLIN_FN bool all_defaults(const double* p) {
    if constexpr (k == F::parameters.count) {
        return true;
    } else {
        constexpr double fallback = F::parameters.list[k].fallback;  // device code has no list
        return p[k] == fallback && all_defaults<F, k + 1>(p);
    }
}

// of(parameters...), with the first `count` of p as lanes.
template <class V, int count, class Of, class... Done>
NONLIN_FN V applied(const Of& of, const double* p, Done... done) {
    constexpr int next = sizeof...(done);
    if constexpr (next == count) {
        return of(done...);
    } else {
        return applied<V, count>(of, p, done..., V(p[next]));
    }
}

// f and f' of one number: `lanes` are float32's.
template <class F, class Lanes>
struct Evaluated {
    using V = typename Lanes::V;
    using Chosen = Formula<F, V, typename Lanes::W>;

    NONLIN_FN static V value(V x, const double* p) {
        const auto f = [x](auto... of) { return Chosen::value(x, of...); };
        return applied<V, F::parameters.count>(f, p);
    }
    NONLIN_FN static V derivative(V x, const double* p) {
        const auto slope = [x](auto... of) { return Chosen::derivative(x, of...); };
        return applied<V, F::parameters.count>(slope, p);
    }
};

// Numbers of an activation: float ones as the table says, double ones in f64.
template <class F, class ValueWork, class SlopeWork, Want want, Variant variant>
struct Activated {
    static constexpr int outputs = want == Want::both ? 2 : 1;
    static constexpr int parameters = F::parameters.count;
    static constexpr bool gated = false, varied = variant == Variant::varied;

    template <class Number>
    NONLIN_FN static Outputs<Number> of(const Inputs<Number>& in, const double* p) {
        if constexpr (want == Want::value) {
            return {value(in.x, p), Number()};
        } else if constexpr (want == Want::slope) {
            return {slope(in, p), Number()};
        } else {
            return {value(in.x, p), slope(in, p)};
        }
    }

private:
    static constexpr bool exact = variant == Variant::exact;

    template <class Number>
    NONLIN_FN static Number value(Number x, const double* p) {
        if constexpr (sizeof(Number) == 8) {
            return Evaluated<F, InDouble>::value(f64(x), p).v;
        } else {
            if constexpr (looks<value_at_default<F, f32>>) {
                if (defaults(p)) return stored(F::at_default::value(f32(x)));
            }
            using Chosen = Evaluated<F, Lanes<ValueWork, exact>>;
            return stored(Chosen::value(typename Chosen::V(x), p));
        }
    }
    template <class Number>
    NONLIN_FN static Number slope(const Inputs<Number>& in, const double* p) {
        if constexpr (sizeof(Number) == 8) {
            return in.grad_output * Evaluated<F, InDouble>::derivative(f64(in.x), p).v;
        } else {
            if constexpr (looks<slope_at_default<F, f32w>>) {
                if (defaults(p))
                    return times(in.grad_output, F::at_default::derivative(f32w(in.x)));
            }
            using Chosen = Evaluated<F, Lanes<SlopeWork, exact>>;
            return times(in.grad_output, Chosen::derivative(typename Chosen::V(in.x), p));
        }
    }

    struct InDouble {
        using V = f64;
        using W = f64;
    };
    template <bool has_default>
    static constexpr bool looks =
        has_default && (variant == Variant::at_default || variant == Variant::varied);
    NONLIN_FN static bool defaults(const double* p) {
        return variant == Variant::at_default || all_defaults<F>(p);
    }
    template <class V>
    NONLIN_FN static float stored(V y) {
        float out;
        y.store(&out);
        return out;
    }
    template <class V>
    NONLIN_FN static float times(float grad_output, V slope) {
        return stored(V(grad_output) * slope);
    }
};

// Numbers of a gated unit: the value, or both gradients.
template <class Act, Want want>
struct GatedUnit {
    static constexpr int outputs = want == Want::both ? 2 : 1;
    static constexpr int parameters = 0;
    static constexpr bool gated = true, varied = false;

    NONLIN_FN static Outputs<float> of(const Inputs<float>& in, const double*) {
        const Outputs<f32w> out = in_lanes<f32w>(in);
        return {static_cast<float>(out.first.v), static_cast<float>(out.second.v)};
    }
    NONLIN_FN static Outputs<double> of(const Inputs<double>& in, const double*) {
        const Outputs<f64> out = in_lanes<f64>(in);
        return {out.first.v, out.second.v};
    }

private:
    template <class V, class Number>
    NONLIN_FN static Outputs<V> in_lanes(const Inputs<Number>& in) {
        const V a(in.x), b(in.second), grad_output(in.grad_output);
        if constexpr (want == Want::value) {
            return {Gated<Act>::value(a, b), V(0.0)};
        } else {
            return {Gated<Act>::gradient_of_a(grad_output, a, b),
                    Gated<Act>::gradient_of_b(grad_output, a)};
        }
    }
};

}  // namespace nonlin::cuda
