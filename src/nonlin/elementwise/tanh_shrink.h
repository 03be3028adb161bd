// x - tanh(x)
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/tanh.h>

namespace nonlin {

struct tanh_shrink {
    static constexpr About about = {
        "What tanh leaves of x.",
        "tanhshrink",
        "x - tanh(x)",
        "tanh(x)^2",
        "(-inf, inf)",
        "none",
        "PyTorch.",
    };
    static constexpr Parameters parameters = no_parameters();

    // (x - tanh x) / x^3 for |x| < 1, where the difference itself would cancel: a polynomial in
    // x^2, relative error 2^-57 in two parts, 2^-31 for float32 data. Coefficients:
    // tools/coefficients.py.
    template <class V>
    NONLIN_FN static Two<V> over_cube(V x) {
        const Two<V> z = exact_product(x, x);
        if constexpr (V::extended) {
            return polynomial(z.hi, 0x1.55555552c3c52p-2, -0x1.11110dce4dd12p-3,
                              0x1.ba1a415727046p-5, -0x1.6632513cabd56p-6, 0x1.21382fda6b999p-7,
                              -0x1.c7ed3fe759a36p-9, 0x1.45a463d0c9653p-10, -0x1.622331307e76dp-12,
                              0x1.96a8bef0ebe38p-15);
        } else {
            const V tail =
                polynomial(z.hi, -0x1.664f488284be3p-6, 0x1.226e3554e7962p-7, -0x1.d6d3cf0d2ab45p-9,
                           0x1.7da3468a07b8dp-10, -0x1.3556d1924273bp-11, 0x1.f567a46dd9ee6p-13,
                           -0x1.95f8a4f939934p-14, 0x1.471667df3e5f5p-15, -0x1.02a52841255abp-16,
                           0x1.83bb58f599248p-18, -0x1.01f109ed7b07fp-19, 0x1.130e2644f47dbp-21,
                           -0x1.924014bdafe2dp-24, 0x1.256ea3fe88777p-27);
            return in_two_parts<V>(z, tail, 0x1.5555555555555p-2, 0x1.4deb6d5f4a8ccp-56,
                                   -0x1.1111111111109p-3, 0x1.3e82788254bd9p-57,
                                   0x1.ba1ba1ba1ad7ep-5, 0x1.adc4c587d37adp-59);
        }
    }

    template <class V>
    NONLIN_FN static V value(V x) {
        const V a = magnitude(x);
        const V bounded = minimum(V(0x1p100), a);
        const V far = rounded(Two<V>(bounded) - tanh_of_magnitude<V>(bounded));
        const Two<V> cube = exact_product(bounded, bounded) * bounded;
        const V near = rounded(cube * over_cube(bounded));
        const V y = select(a < V(1.0), near, select(a > V(0x1p60), a, far));
        return signed_as(x, y);
    }
    template <class V>
    NONLIN_FN static V derivative(V x) {
        return rounded(squared(tanh_of_magnitude<V>(x)));
    }
};

}  // namespace nonlin
