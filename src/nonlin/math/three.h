// Three<V>: a number carried in three parts, hi + mid + lo, for the rare difference that cancels
// most of what two parts hold. A sum's error is 2^-156 of the larger term, a product's of itself.
// float64 lanes only, and slow: for use behind a branch.
#pragma once

#include <nonlin/math/two.h>

namespace nonlin {

template <class V>
struct Three {
    V hi, mid, lo;

    NONLIN_FN Three(V a, V b, V c) : hi(a), mid(b), lo(c) {}
    NONLIN_FN Three(Two<V> a) : hi(a.hi), mid(a.lo), lo(0.0) {}

    NONLIN_FN friend Three operator+(Three a, Three b) {
        const Two<V> high = exact_sum(a.hi, b.hi), low = exact_sum(a.mid, b.mid);
        const Two<V> middle = exact_sum(high.lo, low.hi);
        return apart(high.hi, middle.hi, middle.lo + low.lo + (a.lo + b.lo));
    }
    NONLIN_FN friend Three operator*(Three a, Three b) {
        const Two<V> high = exact_product(a.hi, b.hi);
        const Two<V> left = exact_product(a.hi, b.mid), right = exact_product(a.mid, b.hi);
        const Two<V> low = exact_sum(left.hi, right.hi);
        const Two<V> middle = exact_sum(high.lo, low.hi);
        const V rest = mul_add(a.hi, b.lo, mul_add(a.lo, b.hi, a.mid * b.mid));
        return apart(high.hi, middle.hi, middle.lo + low.lo + (left.lo + right.lo + rest));
    }
    NONLIN_FN friend Three scaled(Three a, V power) {
        return {a.hi * power, a.mid * power, a.lo * power};
    }
    NONLIN_FN friend Two<V> first_two(Three a) { return {a.hi, a.mid}; }

private:
    // The same sum in parts that do not overlap.
    NONLIN_FN static Three apart(V a, V b, V c) {
        const Two<V> low = exact_sum(b, c), high = exact_sum(a, low.hi);
        const Two<V> rest = exact_sum(high.lo, low.lo);
        return {high.hi, rest.hi, rest.lo};
    }
};

}  // namespace nonlin
