// THE TABLE of gated units, y = act(a) b: a name, and the activation, taken at its default
// parameters.
#pragma once

#include <nonlin/elementwise/gelu.h>
#include <nonlin/elementwise/linear.h>
#include <nonlin/elementwise/relu.h>
#include <nonlin/elementwise/sigmoid.h>
#include <nonlin/elementwise/silu.h>

// clang-format off
#define NONLIN_GATED(X) \
    X(glu, sigmoid) \
    X(bilinear, linear) \
    X(reglu, relu) \
    X(geglu, gelu) \
    X(swiglu, silu)
// clang-format on

namespace nonlin {

// f, act(a) or its derivative, as it counts beside another factor. In lanes with exponents to spare
// formulas replace an infinite a by a number, and only the rounding of the result makes inf or 0 of
// that: here a product comes first.
template <class V>
NONLIN_FN V at_infinity(V a, V f) {
    if constexpr (V::extended) {
        const auto infinite = magnitude(a) == V(infinity);
        const V end = select(magnitude(f) < V(0x1p-200), f * V(0.0), f * V(infinity));
        const auto moderate = (magnitude(f) >= V(0x1p-200)) & (magnitude(f) <= V(0x1p200));
        return select(infinite & !moderate, end, f);
    } else {
        return f;
    }
}

// x y z, without overflow or underflow on the way: the largest times the smallest comes first.
// float32 numbers in float64 lanes need no such care.
template <class V>
NONLIN_FN V product(V x, V y, V z) {
    if constexpr (V::extended) {
        return x * y * z;
    } else {
        const auto swap = magnitude(x) < magnitude(y);
        const V large = select(swap, y, x), small = select(swap, x, y);
        const auto above = magnitude(z) > magnitude(large), below = magnitude(z) < magnitude(small);
        const V rest = select(above, large, select(below, small, z));
        return select(above, z, large) * select(below, z, small) * rest;
    }
}

// act(a) b, and the gradients of a and of b.
template <class Act>
struct Gated {
    template <class V>
    NONLIN_FN static V value(V a, V b) {
        return activated(a) * b;
    }
    template <class V>
    NONLIN_FN static V gradient_of_a(V grad_output, V a, V b) {
        return product(grad_output, b, slope(a));
    }
    template <class V>
    NONLIN_FN static V gradient_of_b(V grad_output, V a) {
        return grad_output * activated(a);
    }

private:
    static constexpr int parameters = Act::parameters.count;
    static_assert(parameters <= 1, "a gated unit's activation has one parameter, or none");

    template <class V>
    NONLIN_FN static V activated(V a) {
        if constexpr (parameters == 0) {
            return at_infinity(a, Act::value(a));
        } else {
            return at_infinity(a, Act::value(a, V(Act::parameters.list[0].fallback)));
        }
    }
    template <class V>
    NONLIN_FN static V slope(V a) {
        if constexpr (parameters == 0) {
            return at_infinity(a, Act::derivative(a));
        } else {
            return at_infinity(a, Act::derivative(a, V(Act::parameters.list[0].fallback)));
        }
    }
};

}  // namespace nonlin
