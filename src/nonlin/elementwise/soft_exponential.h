// between logarithm, line and exponential
#pragma once

#include <nonlin/about.h>
#include <nonlin/math/exp.h>
#include <nonlin/math/exp_precise.h>
#include <nonlin/math/log1p.h>

namespace nonlin {

struct soft_exponential {
    static constexpr About about = {
        "Interpolates between logarithm (alpha = -1), identity (0) and exponential (1).",
        "",
        "-log1p(-alpha (x + alpha)) / alpha if alpha < 0 else x if alpha = 0 else "
        "expm1(alpha x) / alpha + alpha",
        "1 / (1 - alpha (x + alpha)) if alpha < 0 else exp(alpha x)",
        "(-inf, inf)",
        "none; alpha < 0: NaN where 1 - alpha (x + alpha) < 0",
        "L. Godfrey, M. Gashler, KDIR 2015.",
    };
    static constexpr Parameters parameters = takes(moderate_signed("alpha", 0.0));

    template <class V>
    NONLIN_FN static V value(V x, V alpha) {
        V y = unless_nan(alpha, x);
        if (any(alpha < V(0.0))) {
            y = select(alpha < V(0.0), logarithmic_branch(x, alpha), y);
        }
        if (any(alpha > V(0.0))) {
            y = select(alpha > V(0.0), exponential_branch(x, alpha), y);
        }
        return y;
    }
    template <class V>
    NONLIN_FN static V derivative(V x, V alpha) {
        V y = unless_nan(x, unless_nan(alpha, V(1.0)));
        if (any(alpha < V(0.0))) {
            const Argument<V> w(x, alpha);
            const V plain = V(1.0) / w.plus_one.hi;
            const V inverse =
                select(plain > finite(plain), plain, rounded(Two<V>(1.0) / w.plus_one));
            const V inside = select(w.lowered_by > V(0.0), inverse * V(0x1p-200), inverse);
            const V low = within_domain(w.plus_one, inside, V(infinity));
            y = select(alpha < V(0.0), select(x > finite(x), V(0.0), low), y);
        }
        if (any(alpha > V(0.0))) {
            const V high = AnyExponential<V>(exact_product(alpha, finite(x))).value();
            y = select(alpha > V(0.0), high, y);
        }
        return y;
    }

private:
    // w = -alpha (x + alpha), and 1 + w with every digit of the products: it has a root. Where w
    // would overflow, both are lowered by 2^200.
    template <class V>
    struct Argument {
        V lowered_by;
        Two<V> w, plus_one;
        NONLIN_FN Argument(V x, V alpha) {
            const V bounded = finite(x);
            const auto huge = magnitude(alpha * bounded) > V(0x1p800);
            lowered_by = select(huge, V(200.0), V(0.0));
            const Two<V> sum = exact_sum(select(huge, bounded * V(0x1p-200), bounded), alpha);
            const Two<V> high = exact_product(sum.hi, -alpha);
            const Two<V> low = exact_product(sum.lo, -alpha);
            const Two<V> rest = exact_sum(high.lo, low.hi);
            w = Two<V>::quick_sum(high.hi, rest.hi);
            plus_one = exact_sum(V(1.0), high.hi) + Two<V>(rest.hi, rest.lo + low.lo);
        }
    };

    // inside where sum > 0, the limit where it is 0, NaN where the function is not defined
    template <class V>
    NONLIN_FN static V within_domain(Two<V> sum, V inside, V limit) {
        const V s = rounded(sum);
        const V outside = select(s < V(0.0), V(__builtin_nan("")), s);
        return select(s > V(0.0), inside, select(s == V(0.0), limit, outside));
    }

    template <class V>
    NONLIN_FN static V logarithmic_branch(V x, V alpha) {
        const Argument<V> w(x, alpha);
        const V far = rounded(log1p(w.w, w.plus_one, w.lowered_by) / Two<V>(-alpha));
        // The next term is w / 2 times smaller; w itself may have vanished.
        const V inside = select(magnitude(w.w.hi) < V(0x1p-60), x + alpha, far);
        const V y = within_domain(w.plus_one, inside, V(-infinity));
        return select(x > finite(x), x, y);
    }

    // (e^u - (1 - alpha^2)) / alpha, u = alpha x: from e^u itself for large alpha, from e^u - 1 for
    // small. Next to its root, which it has where alpha < 1, the difference needs three parts.
    template <class V>
    NONLIN_FN static V exponential_branch(V x, V alpha) {
        const Two<V> u = exact_product(alpha, finite(x)), square = exact_product(alpha, alpha);
        const Two<V> divisor(alpha);
        const auto large = alpha > V(0.5);
        const auto e = exponential_of(within(u, 800.0));
        const Two<V> root = select(large, raised(Two<V>(1.0) - square), -square);
        const Two<V> from_root = select(large, e.lifted(), e.minus_one()) - root;
        V y = lowered_where(large, rounded(from_root / divisor));
        const auto near = magnitude(from_root.hi) < V(0x1p-8) * magnitude(root.hi);
        if (any(near)) {
            const Three<V> minus_root = {V(-1.0), square.hi, square.lo};
            const Three<V> precise = precise_exponential_plus(minus_root, within(u, 40.0));
            y = select(near, rounded(first_two(precise) / divisor), y);
        }
        const auto far = u.hi > V(100.0);
        if (any(far)) {
            y = select(far, AnyExponential<V>(u).times(Two<V>(1.0) / divisor) + alpha, y);
        }
        // x + alpha + alpha x^2 / 2 ..., where u may have vanished
        const V close = rounded(exact_sum(x, alpha) + Two<V>(V(0.5) * x * u.hi));
        return select(magnitude(u.hi) < V(0x1p-60), close, y);
    }
};

}  // namespace nonlin
