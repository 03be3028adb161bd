// sigmoid(u) = 1 / (1 + e^-u), and the derivative of u sigmoid(u), without cancellation.
#pragma once

#include <nonlin/math/exp.h>

namespace nonlin {

// e = e^-|u|, and what sigmoid makes of it.
template <class V>
struct Logistic {
    Two<V> lifted, e, one_plus_e;

    NONLIN_FN explicit Logistic(Two<V> u)
        : lifted(exponential_of(minus_magnitude(u)).lifted()), e(lowered(lifted)),
          one_plus_e(one_plus(e)) {}
};

// sigmoid(u), lifted where u < 0
template <class V>
NONLIN_FN Two<V> sigmoid_gate(Two<V> u) {
    if constexpr (V::extended) {
        // e^-u cannot overflow here, so that one formula serves both signs.
        return V(1.0) / (V(1.0) + exponential_of<V>(-maximum(V(-700.0), u.hi)).lifted().hi);
    } else {
        const Logistic<V> s(u);
        return select(u.hi < V(0.0), s.lifted, Two<V>(1.0)) / s.one_plus_e;
    }
}

template <class V>
NONLIN_FN V sigmoid_of(Two<V> u) {
    return lowered_where(u.hi < V(0.0), rounded(sigmoid_gate(u)));
}

// x sigmoid(u), u of the sign of x or of the opposite one
template <class V>
NONLIN_FN V times_sigmoid(V x, Two<V> u) {
    return gated(x, u.hi < V(0.0), sigmoid_gate(u));
}

// sigmoid(w) + v sigmoid'(w), the derivative of x sigmoid(w(x)) with v = x w'(x), for v of w's
// sign.
//
// Where w < 0 it is e^w (1 + e^w + v) / (1 + e^w)^2, which has one root w0 = -log(-1 - v0). There
// 1 + e^w + v = e^w0 expm1(w - w0) + (v - v0), two terms of one sign: no digit is lost near the
// root. The caller gives both differences and e^w0 as (hi, lo).
template <class V>
NONLIN_FN V times_sigmoid_slope(Two<V> w, Two<V> v, Two<V> w_from_root, Two<V> v_from_root,
                                Two<V> at_root) {
    const auto negative = w.hi < V(0.0);
    const Exponential<V> power = exponential_of(select(negative, w_from_root, -w));
    const Two<V> grown = power.lifted();
    const Two<V> lifted = select(negative, grown * at_root, grown);
    const Two<V> e = lowered(lifted);
    const Two<V> left = lifted * mul_add(at_root, power.minus_one(), v_from_root);
    const Two<V> right = one_plus(mul_add(e, v, e));
    const V y = rounded(select(negative, left, right) / squared(one_plus(e)));
    return lowered_where(negative, signed_if_zero(v_from_root.hi, y));
}

}  // namespace nonlin
