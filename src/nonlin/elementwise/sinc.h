// sin(x) / x
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/limits.h>
#include <nonlin/math/trig_precise.h>

namespace nonlin {

struct sinc {
    static constexpr About about = {
        "Cardinal sine, not normalised: zeros at multiples of pi.",
        "",
        "sin(x) / x, 1 at 0",
        "(x cos(x) - sin(x)) / x^2, 0 at 0",
        "[-0.2172, 1]",
        "none",
        "P. Woodward, I. Davies, 1952.",
    };
    static constexpr Parameters parameters = no_parameters();

    // x cos x - sin x: near its roots, tan x = x, from sines and cosines of twice the digits.
    template <class V>
    NONLIN_FN static Two<V> slope_numerator(V a, const Quadrant<V>& q) {
        const Two<V> y = sin_ahead(q, 1.0) * a - sin_ahead(q, 0.0);
        // Below 1, where there is no root, the caller has a series.
        const auto near_root = (magnitude(y.hi) < V(0x1p-8) * a) & (a >= V(1.0));
        if (!any(near_root)) return y;
        const Two<V> sin_r = precise_sin_near_zero(q.r), cos_r = precise_cos_near_zero(q.r);
        const Two<V> precise =
            sin_ahead(q.k, 1.0, sin_r, cos_r) * a - sin_ahead(q.k, 0.0, sin_r, cos_r);
        return select(near_root, precise, y);
    }

    template <class V>
    NONLIN_FN static V value(V x) {
        const V a = magnitude(finite(x));
        const V y = rounded(sin_ahead(reduced(a), 0.0) / Two<V>(a));
        return select(a < V(0x1p-30), V(1.0), select(magnitude(x) > a, V(0.0), y));
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        const V a = magnitude(finite(x));
        const Quadrant<V> q = reduced(a);
        const Two<V> far = slope_numerator(a, q) / Two<V>(a) / Two<V>(a);
        // Near 0: x (-1/3 + x^2/30 - ...), where the difference above would cancel.
        const Two<V> z = exact_product(a, a);
        const V tail =
            polynomial(z.hi, -0x1.3813813813813p-10, 0x1.71de3a556c70cp-16, -0x1.0cfeb60f91857p-22,
                       0x1.08db48e756398p-29, -0x1.78af4eefb02adp-37, 0x1.9524dcae66d0bp-45,
                       -0x1.51262665733adp-53);
        const Two<V> series =
            in_two_parts<V>(z, tail, -0x1.5555555555555p-2, -0x1.555551943bef4p-56,
                            0x1.1111111111111p-5, 0x1.10c5cec0a9cecp-61);
        const V y = rounded(select(a < V(1.0), series * a, far));
        return select(magnitude(x) > a, V(0.0), select(x < V(0.0), -y, y));
    }
};

}  // namespace nonlin
