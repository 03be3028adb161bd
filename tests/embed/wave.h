// An activation that nonlin does not have, and its gradient.
#pragma once

#include <nonlin/elementwise/gelu.h>
#include <nonlin/fn.h>

// A formula of nonlin's.
struct TwiceGelu {
    static constexpr bool wide = true;

    template <class V>
    NONLIN_FN V operator()(V x) const {
        return V(2.0) * nonlin::gelu::value(x);
    }
};

// x / (bend + x^2)
struct Wave {
    float bend;

    template <class V>
    NONLIN_FN V operator()(V x) const {
        return x / mul_add(x, x, V(bend));
    }
};

// grad_output (bend - x^2) / (bend + x^2)^2
struct WaveGradient {
    static constexpr bool wide = true;  // bend - x^2 cancels
    float bend;

    template <class V>
    NONLIN_FN V operator()(V grad_output, V x) const {
        const V square = x * x, below = V(bend) + square;
        return grad_output * (V(bend) - square) / (below * below);
    }
};

// No function anybody needs: every word of nonlin/scalar.h that lanes of both sizes have.
struct Vocabulary {
    template <class V>
    NONLIN_FN V operator()(V x, V y) const {
        const V smaller = minimum(x, y), larger = maximum(x, y);
        const auto near = magnitude(x - y) <= V(1.0), far = !near, different = !(x == y);
        V z = select(near & (x < y), mul_add(x, y, smaller), neg_mul_add(x, y, larger));
        z = select(far & (x > y), with_sign(square_root(magnitude(z)), x), z / (x * y));
        z = select((x == V(0.0)) | (y >= V(2.0)), -x, z);
        const auto unknown = is_nan(z) & different;
        if (any(unknown)) z = select(unknown, smaller + larger, z);
        return z;
    }
};
struct WideVocabulary : Vocabulary {
    static constexpr bool wide = true;
};
