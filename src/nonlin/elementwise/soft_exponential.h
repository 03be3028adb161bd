// between logarithm, line and exponential
#pragma once

#include <nonlin/about.h>
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
            const Two<V> w = argument(x, alpha);
            const V inside = rounded(log1p(w, lowered_by(x)) / Two<V>(-alpha));
            const V low = within_domain(one_plus(w), inside, V(-infinity));
            y = select(alpha < V(0.0), select(x > finite(x), x, low), y);
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
            const Two<V> sum = one_plus(argument(x, alpha));
            const V plain = V(1.0) / sum.hi;
            const V inverse = select(plain > finite(plain), plain, rounded(Two<V>(1.0) / sum));
            const V inside = select(lowered_by(x) > V(0.0), inverse * V(0x1p-200), inverse);
            const V low = within_domain(sum, inside, V(infinity));
            y = select(alpha < V(0.0), select(x > finite(x), V(0.0), low), y);
        }
        if (any(alpha > V(0.0))) {
            const V high = AnyExponential<V>(exact_product(alpha, finite(x))).value();
            y = select(alpha > V(0.0), high, y);
        }
        return y;
    }

private:
    // -alpha (x + alpha) / 2^lowered_by(x): a huge x is lowered, so that the product stays finite.
    template <class V>
    NONLIN_FN static V lowered_by(V x) {
        return select(magnitude(x) > V(0x1p800), V(200.0), V(0.0));
    }
    template <class V>
    NONLIN_FN static Two<V> argument(V x, V alpha) {
        const V kept = select(lowered_by(x) > V(0.0), finite(x) * V(0x1p-200), x);
        return exact_sum(kept, alpha) * -alpha;
    }

    // inside where sum > 0, the limit where it is 0, NaN where the function is not defined
    template <class V>
    NONLIN_FN static V within_domain(Two<V> sum, V inside, V limit) {
        const V s = rounded(sum);
        const V outside = select(s < V(0.0), V(__builtin_nan("")), s);
        return select(s > V(0.0), inside, select(s == V(0.0), limit, outside));
    }

    // (e^u - (1 - alpha^2)) / alpha, u = alpha x; it has a root where alpha <= 1, so that the
    // exponential is wanted in two full parts: e^u itself for large alpha, e^u - 1 for small.
    template <class V>
    NONLIN_FN static V exponential_branch(V x, V alpha) {
        const Two<V> u = exact_product(alpha, finite(x));
        const Two<V> a(alpha);
        const auto e = precise_exponential_of(within(u, 800.0));
        const Two<V> root = one_plus(a) * (Two<V>(1.0) - a);
        const Two<V> large = (e.lifted() - raised(root)) / a;
        const Two<V> small = (e.minus_one() + squared(a)) / a;
        const V near = select(alpha > V(0.5), lowered(rounded(large)), rounded(small));
        const V far = AnyExponential<V>(u).times(Two<V>(1.0) / a) + alpha;
        return select(u.hi > V(100.0), far, near);
    }
};

}  // namespace nonlin
