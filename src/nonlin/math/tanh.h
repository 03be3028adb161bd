// tanh(x) in two parts, and 1 - tanh(x)^2, each without cancellation. Error: that of exp.h.
#pragma once

#include <nonlin/math/exp.h>

namespace nonlin {

// tanh |u|, from expm1(-2 |u|)
template <class V>
NONLIN_FN Two<V> tanh_of_magnitude(Two<V> u) {
    const Two<V> e = exponential_of(scaled(minus_magnitude(u), V(2.0))).minus_one();
    return -e / (Two<V>(2.0) + e);
}

// 1 - tanh(u)^2 = 4 w / (1 + w)^2 with w = e^(-2 |u|); lifted
template <class V>
NONLIN_FN Two<V> tanh_slope_lifted(Two<V> u) {
    const Two<V> w = exponential_of(scaled(minus_magnitude(u), V(2.0))).lifted();
    return scaled(w, V(4.0)) / squared(one_plus(lowered(w)));
}

}  // namespace nonlin
