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
