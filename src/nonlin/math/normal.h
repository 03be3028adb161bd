// The normal distribution function's lower half, and the slope of x Phi(x), for gelu.
//
// Phi(-a) = e^(-a^2/2) G(t) / (a + 4) with t = (a - 4) / (a + 4), and for the derivative of x
// Phi(x) Phi(-a) - a phi(a) = e^(-a^2/2) (r - a) J(t), where r = 0.7517... is its only root: G and
// J are smooth and positive, so both keep their digits everywhere. Relative error before the final
// rounding: 2^-57 in two parts, 2^-29.5 for float32 data. The factor that carries the root: our
// own; the mapping to t: M. Shepherd and J. Laframboise, Math. Comp. 36, 1981. Coefficients:
// tools/coefficients.py.
#pragma once

#include <nonlin/math/exp.h>

namespace nonlin {

template <class V>
struct NormalTail {
    V a;                // |x|, bounded where every tail has vanished
    Two<V> lifted;      // e^(-a^2/2), lifted
    Two<V> reciprocal;  // 1 / (a + 4)
    Two<V> t;

    NONLIN_FN explicit NormalTail(V x) {
        a = minimum(V(39.0), magnitude(x));
        lifted = exponential_of(scaled(exact_product(a, a), V(-0.5))).lifted();
        reciprocal = Two<V>(1.0) / exact_sum(a, V(4.0));
        t = neg_mul_add(reciprocal, V(8.0), Two<V>(1.0));
    }

    // Phi(-a), lifted
    NONLIN_FN Two<V> lifted_probability() const {
        Two<V> g;
        if constexpr (V::extended) {
            g = polynomial(t.hi, 0x1.82b4bb93ad81ap-1, -0x1.373e3aca5978cp-1, 0x1.8c6db91ce7f1ap-2,
                           -0x1.7dff04bb6e0c8p-3, 0x1.eec85b6449a9p-5, -0x1.ee521955b50d6p-8,
                           -0x1.c9af6355513afp-9, 0x1.ace6ed223093fp-10, 0x1.67b143b9c5aep-13,
                           -0x1.ce28fb53f4588p-13, -0x1.7e2e37448469ep-15);
        } else {
            const V tail =
                polynomial(t.hi, -0x1.ee2761048d985p-8, -0x1.c81719d567795p-9,
                           0x1.ab825fc4ca903p-10, 0x1.17a4ae45df2b7p-13, -0x1.e4a4268b2c963p-13,
                           -0x1.001e783b5a69bp-19, 0x1.26d0b2cc01e46p-15, 0x1.80b4edd02d047p-21,
                           -0x1.8d4e03f0eec08p-18, -0x1.51efee04d64f3p-21, 0x1.1252841a4b306p-20,
                           0x1.2374433232f4cp-22, -0x1.4e497245e4c12p-23, -0x1.6d92b7ce34996p-24,
                           0x1.e3e618e16b62p-27, 0x1.507132581cbe4p-26, 0x1.80e86de7e9237p-30,
                           -0x1.69eb952804f9dp-29, -0x1.40224734c7415p-31, 0x1.fd7ad4a192f75p-35);
            g = in_two_parts<V>(t, tail, 0x1.82b4bb8c94dcep-1, -0x1.a6e7c9acba8b7p-56,
                                -0x1.373e3a893c28ap-1, -0x1.b4865c0428587p-56, 0x1.8c6dbf2cfc2b3p-2,
                                0x1.2366886254e57p-56, -0x1.7dff2bff68368p-3, 0x1.ef9d48f35eddfp-57,
                                0x1.eec4cc3e4d407p-5, -0x1.d7f634410ff02p-59);
        }
        return lifted * (g * reciprocal);
    }

    // Phi(-a) - a phi(a), lifted
    NONLIN_FN Two<V> lifted_slope() const {
        Two<V> j;
        if constexpr (V::extended) {
            j = polynomial(t.hi, 0x1.d94de788f3e31p-2, -0x1.a763004327202p-4, 0x1.ef4fea9c8dee7p-5,
                           -0x1.cc1e157e8c968p-6, 0x1.3778538d5b95ep-7, -0x1.d4cb662ff5534p-10,
                           -0x1.482d7841903eap-13, 0x1.84d889a10763ap-13, -0x1.bf41bbf72cfddp-17,
                           -0x1.0fef1786504e7p-16);
        } else {
            const V tail =
                polynomial(t.hi, 0x1.37754d816baa8p-7, -0x1.d4c8222aa660fp-10,
                           -0x1.443f63e1332a2p-13, 0x1.85999c2f65e29p-13, -0x1.253812710ff62p-16,
                           -0x1.2e9380d5ff137p-16, 0x1.dafbff0ef6b3ep-19, 0x1.29877f079799ep-19,
                           -0x1.083e15a418eefp-21, -0x1.77339f47b4833p-22, 0x1.c251b690a75a6p-25,
                           0x1.101991e4e42f3p-24, -0x1.a09a38f42793bp-31, -0x1.8860e86738066p-27,
                           -0x1.e690879f3d2bdp-30, 0x1.d3ea43364fb3ep-30, 0x1.334afdc0e8b44p-31,
                           -0x1.4147de30f3cdcp-33, -0x1.3a5ce56056ad3p-34);
            j = in_two_parts<V>(t, tail, 0x1.d94de78425463p-2, -0x1.b49a6ee02d39ep-58,
                                -0x1.a763001ac67ddp-4, -0x1.88cfabd458089p-59, 0x1.ef4ff8013799cp-5,
                                0x1.ea30b54c91f17p-61, -0x1.cc1e2623d9214p-6, 0x1.db9bf653aa55p-60);
        }
        const Two<V> to_root = constant<V>(0x1.80ead197f00b4p-1, -0x1.13e74c58cada8p-56) + -a;
        return lifted * (to_root * j);
    }
};

}  // namespace nonlin
