// An activation that nonlin does not have, and its gradient.
#pragma once

#include <nonlin/fn.h>

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
