// Infinities, NaN and the far tails: what keeps a formula defined at the ends of the number line.
#pragma once

#include <nonlin/math/two.h>

namespace nonlin {

// A tail such as x e^x reaches the last subnormal number although e^x alone, and above all its low
// part, would have vanished long before. Where the lanes do not have exponents to spare such
// quantities are carried "lifted", multiplied by 2^lift, and lowered by one last multiplication.
template <class V>
constexpr int lift = V::extended ? 0 : 256;

template <class V>
NONLIN_FN V lowered(V a) {
    if constexpr (lift<V> == 0) {
        return a;
    } else {
        return a * V(0x1p-256);
    }
}
template <class V>
NONLIN_FN Two<V> lowered(Two<V> a) {
    if constexpr (lift<V> == 0) {
        return a;
    } else {
        return scaled(a, V(0x1p-256));
    }
}

template <class V, class Mask>
NONLIN_FN V lowered_where(Mask m, V a) {
    if constexpr (lift<V> == 0) {
        return a;
    } else {
        return select(m, lowered(a), a);
    }
}
template <class V>
NONLIN_FN Two<V> raised(Two<V> a) {
    if constexpr (lift<V> == 0) {
        return a;
    } else {
        return scaled(a, V(0x1p256));
    }
}

// x with infinities replaced by a number whose square root, products and quotients behave; NaN
// stays.
template <class V>
NONLIN_FN V finite(V x) {
    constexpr double most = V::extended ? 0x1p400
                            : V::single ? 0x1.fffffep127
                                        : 0x1.fffffffffffffp1023;
    return maximum(V(-most), minimum(V(most), x));
}

// x kept within [-limit, limit]; NaN stays.
template <class V>
NONLIN_FN V within(V x, double limit) {
    return maximum(V(-limit), minimum(V(limit), x));
}

// -|a|
template <class V>
NONLIN_FN Two<V> minus_magnitude(Two<V> a) {
    if constexpr (V::extended) {
        return -magnitude(a.hi);
    } else {
        return scaled(a, with_sign(V(1.0), -a.hi));
    }
}

// y, but NaN where x is.
template <class V>
NONLIN_FN V unless_nan(V x, V y) {
    return select(is_nan(x), x, y);
}

// 1 or -1; of zeros too
template <class V>
NONLIN_FN V sign_of(V x) {
    return with_sign(V(1.0), x);
}

// y with the sign of x, for odd functions; the sign of zero included.
template <class V>
NONLIN_FN V signed_as(V x, V y) {
    return with_sign(magnitude(y), x);
}

// y, but with the sign of x where it is 0: Two<V> does not keep the sign of a vanishing product.
template <class V>
NONLIN_FN V signed_if_zero(V x, V y) {
    if constexpr (V::extended) {
        return y;
    } else {
        return select(y == V(0.0), signed_as(x, y), y);
    }
}

// slope x, which is 0 for slope 0 even where x is infinite.
template <class V>
NONLIN_FN V line(V slope, V x) {
    return slope * select(slope == V(0.0), finite(x), x);
}

// x gate, rounded once, for a gate that vanishes on one side of 0 (there it is given lifted) and
// tends to 1 on the other: x sigmoid(x) and its kind. The limits are -0 or +0, and x.
template <class V, class Mask>
NONLIN_FN V gated(V x, Mask vanishing, Two<V> gate) {
    if constexpr (V::extended) {
        return finite(x) * gate.hi;
    } else {
        // A huge x is lowered beforehand, so that its product with the lifted gate stays finite.
        const auto huge = vanishing & (magnitude(x) > V(0x1p700));
        const V factor = select(huge, lowered(finite(x)), x);
        const V y = rounded_product(factor, gate);
        return select(vanishing & !huge, lowered(y), y);
    }
}

// A power of two that keeps x^2 + 1 from overflowing: x is multiplied by it, and so is the 1.
template <class V>
NONLIN_FN V shrink_factor(V x) {
    if constexpr (V::extended) {
        return V(1.0);
    } else {
        return select(magnitude(x) > V(0x1p400), V(0x1p-600), V(1.0));
    }
}

}  // namespace nonlin
