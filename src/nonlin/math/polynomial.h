// Polynomials, coefficients lowest first, written where they are used.
#pragma once

#include <nonlin/math/two.h>

namespace nonlin {

// c0 + c1 x + c2 x^2 ...: pairs of terms, then Horner's rule in x^2. Half the latency of plain
// Horner.
template <class V>
NONLIN_FN V paired(V, V, double c0) {
    return V(c0);
}
template <class V>
NONLIN_FN V paired(V x, V, double c0, double c1) {
    return mul_add(x, V(c1), V(c0));
}
template <class V, class... C>
NONLIN_FN V paired(V x, V xx, double c0, double c1, C... rest) {
    return mul_add(xx, paired(x, xx, rest...), mul_add(x, V(c1), V(c0)));
}
template <class V, class... C>
NONLIN_FN V polynomial(V x, C... c) {
    return paired(x, x * x, c...);
}

// Horner's rule in two parts, for the leading terms of a polynomial whose tail is already known:
// c0 + x (c1 + x (... + x tail)), the c as (hi, lo) one after another.
template <class V>
NONLIN_FN Two<V> in_two_parts(Two<V>, Two<V> tail) {
    return tail;
}
template <class V, class... C>
NONLIN_FN Two<V> in_two_parts(Two<V> x, Two<V> tail, double hi, double lo, C... rest) {
    return constant<V>(hi, lo) + x * in_two_parts(x, tail, rest...);
}

}  // namespace nonlin
