// Two<V>: a number carried in two parts, hi + lo, so that a chain of operations rounds once, at its
// end.
//
// Where the lanes hold more digits than the data (V::extended) one part is enough: lo does not
// exist and every operation below is the plain one. A formula over Two<V> is therefore one text for
// float64 data (about 100 bits carried) and for float32 data in float64 lanes (53 bits carried, 24
// wanted).
//
// Sources: T. J. Dekker, "A floating-point technique for extending the available precision", 1971;
// J.-M. Muller et al., Handbook of Floating-Point Arithmetic, 2nd ed., ch. 4 and 14.
#pragma once

#include <nonlin/fn.h>

namespace nonlin {

template <class V, bool one_part = V::extended>
struct Two;

// a + b and a b without error.
template <class V>
NONLIN_FN Two<V> exact_sum(V a, V b);
template <class V>
NONLIN_FN Two<V> exact_product(V a, V b);

template <class V, bool one_part>
struct Two {
    V hi, lo;

    Two() = default;
    NONLIN_FN Two(double c) : hi(c), lo(0.0) {}
    NONLIN_FN Two(V a) : hi(a), lo(0.0) {}
    NONLIN_FN Two(V a, V b) : hi(a), lo(b) {}

    // |a| >= |b|, or a = 0
    NONLIN_FN static Two quick_sum(V a, V b) {
        const V s = a + b;
        return {s, b - (s - a)};
    }
    NONLIN_FN friend Two operator+(Two a, Two b) {
        const Two s = exact_sum(a.hi, b.hi);
        return quick_sum(s.hi, s.lo + (a.lo + b.lo));
    }
    NONLIN_FN friend Two operator*(Two a, Two b) {
        const Two p = exact_product(a.hi, b.hi);
        return quick_sum(p.hi, mul_add(a.hi, b.lo, mul_add(a.lo, b.hi, p.lo)));
    }
    NONLIN_FN friend Two operator*(Two a, V b) {
        const Two p = exact_product(a.hi, b);
        return quick_sum(p.hi, mul_add(a.lo, b, p.lo));
    }
    NONLIN_FN friend Two operator/(Two a, Two b) {
        const V inverse = V(1.0) / b.hi;
        const V q = a.hi * inverse;
        const V rest = neg_mul_add(q, b.lo, neg_mul_add(q, b.hi, a.hi) + a.lo);
        return quick_sum(q, rest * inverse);
    }
    NONLIN_FN friend Two operator-(Two a) { return {-a.hi, -a.lo}; }
    NONLIN_FN friend Two operator-(Two a, Two b) { return a + -b; }
    NONLIN_FN friend Two mul_add(Two a, Two b, Two c) { return a * b + c; }

    // Multiplication by a power of two, or by a sign.
    NONLIN_FN friend Two scaled(Two a, V power) { return {a.hi * power, a.lo * power}; }
    NONLIN_FN friend Two neg_mul_add(Two a, V power, Two c) { return c - scaled(a, power); }
    template <class Mask>
    NONLIN_FN friend Two select(Mask m, Two a, Two b) {
        return {select(m, a.hi, b.hi), select(m, a.lo, b.lo)};
    }
    NONLIN_FN friend Two square_root(Two a) {
        const V r = square_root(a.hi);
        const V rest = neg_mul_add(r, r, a.hi) + a.lo;
        return quick_sum(r, select(r > V(0.0), rest / (r + r), V(0.0)));
    }
    // a kept within [-limit, limit]; NaN stays.
    NONLIN_FN friend Two within(Two a, double limit) {
        return {maximum(V(-limit), minimum(V(limit), a.hi)),
                select(magnitude(a.hi) < V(limit), a.lo, V(0.0))};
    }
    NONLIN_FN friend V rounded(Two a) { return a.hi + a.lo; }
    // x a, rounded once; x may be infinite
    NONLIN_FN friend V rounded_product(V x, Two a) {
        constexpr double most = 0x1.fffffffffffffp1023;
        const V y = mul_add(x, a.hi, maximum(V(-most), minimum(V(most), x)) * a.lo);
        return select(x == V(0.0), x * a.hi, y);  // the sign of zero
    }
};

template <class V>
struct Two<V, true> {
    V hi;

    Two() = default;
    NONLIN_FN Two(double c) : hi(c) {}
    NONLIN_FN Two(V a) : hi(a) {}
    NONLIN_FN Two(V a, V b) : hi(a + b) {}

    NONLIN_FN static Two quick_sum(V a, V b) { return a + b; }
    NONLIN_FN friend Two operator+(Two a, Two b) { return a.hi + b.hi; }
    NONLIN_FN friend Two operator*(Two a, Two b) { return a.hi * b.hi; }
    NONLIN_FN friend Two operator*(Two a, V b) { return a.hi * b; }
    NONLIN_FN friend Two operator/(Two a, Two b) { return a.hi / b.hi; }
    NONLIN_FN friend Two operator-(Two a) { return -a.hi; }
    NONLIN_FN friend Two operator-(Two a, Two b) { return a.hi - b.hi; }
    NONLIN_FN friend Two mul_add(Two a, Two b, Two c) { return mul_add(a.hi, b.hi, c.hi); }
    NONLIN_FN friend Two scaled(Two a, V power) { return a.hi * power; }
    NONLIN_FN friend Two neg_mul_add(Two a, V power, Two c) {
        return neg_mul_add(a.hi, power, c.hi);
    }
    template <class Mask>
    NONLIN_FN friend Two select(Mask m, Two a, Two b) {
        return select(m, a.hi, b.hi);
    }
    NONLIN_FN friend Two square_root(Two a) { return square_root(a.hi); }
    NONLIN_FN friend Two within(Two a, double limit) {
        return maximum(V(-limit), minimum(V(limit), a.hi));
    }
    NONLIN_FN friend V rounded(Two a) { return a.hi; }
    NONLIN_FN friend V rounded_product(V x, Two a) { return x * a.hi; }
};

template <class V>
NONLIN_FN Two<V> exact_sum(V a, V b) {
    const V s = a + b;
    if constexpr (V::extended) {
        return s;
    } else {
        const V part = s - a;
        return {s, (a - (s - part)) + (b - part)};
    }
}
template <class V>
NONLIN_FN Two<V> exact_product(V a, V b) {
    const V p = a * b;
    if constexpr (V::extended) {
        return p;
    } else {
        return {p, mul_add(a, b, -p)};
    }
}

// a, rounded. The parts of a turn infinities, and what overflows halfway, into NaN: then `plain`,
// the same formula in single numbers, has the limit.
template <class V>
NONLIN_FN V rounded_or(Two<V> a, V plain) {
    const V y = rounded(a);
    if constexpr (V::extended) {
        return y;
    } else {
        return select(is_nan(y), plain, y);
    }
}

// A constant given in two parts.
template <class V>
NONLIN_FN Two<V> constant(double hi, double lo) {
    if constexpr (V::extended) {
        return hi;
    } else {
        return {V(hi), V(lo)};
    }
}

// 1 + a for a >= -1/2, or of any size.
template <class V>
NONLIN_FN Two<V> one_plus(Two<V> a) {
    return Two<V>(1.0) + a;
}
template <class V>
NONLIN_FN Two<V> squared(Two<V> a) {
    return a * a;
}
template <class V>
NONLIN_FN V squared(V a) {
    return a * a;
}

}  // namespace nonlin
