// Two packs side by side, used as one: a formula whose operations wait for one another then runs as
// two chains that overlap. The lanes' bits are those of the single pack.
#pragma once

#include <nonlin/fn.h>

namespace nonlin {
namespace NONLIN_ISA {
namespace {

template <class Mask>
struct mask_twice {
    Mask a, b;
    NONLIN_FN friend mask_twice operator&(mask_twice l, mask_twice r) {
        return {l.a & r.a, l.b & r.b};
    }
    NONLIN_FN friend mask_twice operator|(mask_twice l, mask_twice r) {
        return {l.a | r.a, l.b | r.b};
    }
    NONLIN_FN friend mask_twice operator!(mask_twice m) { return {!m.a, !m.b}; }
    NONLIN_FN friend bool any(mask_twice m) { return any(m.a | m.b); }
};
template <class Mask>
NONLIN_FN mask_twice<Mask> both(Mask a, Mask b) {
    return {a, b};
}

template <class P>
struct twice {
    P a, b;

    using data = typename P::data;
    using precise = twice<typename P::precise>;
    static constexpr int lanes = 2 * P::lanes;
    static constexpr bool extended = P::extended, single = P::single;
    static constexpr double shifter = P::shifter;

    twice() = default;
    NONLIN_FN twice(double c) : a(c), b(c) {}
    NONLIN_FN twice(P l, P r) : a(l), b(r) {}
    NONLIN_FN static twice load(const data* p) { return {P::load(p), P::load(p + P::lanes)}; }
    NONLIN_FN void store(data* p) const {
        a.store(p);
        b.store(p + P::lanes);
    }
    NONLIN_FN static twice load_parameter(const double* p) {
        return {P::load_parameter(p), P::load_parameter(p + P::lanes)};
    }
    NONLIN_FN precise to_precise() const { return {a.to_precise(), b.to_precise()}; }
    NONLIN_FN static twice from_precise(precise x) {
        return {P::from_precise(x.a), P::from_precise(x.b)};
    }

    NONLIN_FN friend twice operator+(twice x, twice y) { return {x.a + y.a, x.b + y.b}; }
    NONLIN_FN friend twice operator-(twice x, twice y) { return {x.a - y.a, x.b - y.b}; }
    NONLIN_FN friend twice operator*(twice x, twice y) { return {x.a * y.a, x.b * y.b}; }
    NONLIN_FN friend twice operator/(twice x, twice y) { return {x.a / y.a, x.b / y.b}; }
    NONLIN_FN friend twice operator-(twice x) { return {-x.a, -x.b}; }

    NONLIN_FN friend auto operator<(twice x, twice y) { return both(x.a < y.a, x.b < y.b); }
    NONLIN_FN friend auto operator<=(twice x, twice y) { return both(x.a <= y.a, x.b <= y.b); }
    NONLIN_FN friend auto operator>(twice x, twice y) { return both(x.a > y.a, x.b > y.b); }
    NONLIN_FN friend auto operator>=(twice x, twice y) { return both(x.a >= y.a, x.b >= y.b); }
    NONLIN_FN friend auto operator==(twice x, twice y) { return both(x.a == y.a, x.b == y.b); }
    NONLIN_FN friend auto is_nan(twice x) { return both(is_nan(x.a), is_nan(x.b)); }
    template <class Mask>
    NONLIN_FN friend twice select(mask_twice<Mask> m, twice x, twice y) {
        return {select(m.a, x.a, y.a), select(m.b, x.b, y.b)};
    }

    NONLIN_FN friend twice mul_add(twice x, twice y, twice z) {
        return {mul_add(x.a, y.a, z.a), mul_add(x.b, y.b, z.b)};
    }
    NONLIN_FN friend twice neg_mul_add(twice x, twice y, twice z) {
        return {neg_mul_add(x.a, y.a, z.a), neg_mul_add(x.b, y.b, z.b)};
    }
    NONLIN_FN friend twice minimum(twice x, twice y) {
        return {minimum(x.a, y.a), minimum(x.b, y.b)};
    }
    NONLIN_FN friend twice maximum(twice x, twice y) {
        return {maximum(x.a, y.a), maximum(x.b, y.b)};
    }
    NONLIN_FN friend twice magnitude(twice x) { return {magnitude(x.a), magnitude(x.b)}; }
    NONLIN_FN friend twice with_sign(twice x, twice sign) {
        return {with_sign(x.a, sign.a), with_sign(x.b, sign.b)};
    }
    NONLIN_FN friend twice square_root(twice x) { return {square_root(x.a), square_root(x.b)}; }
    NONLIN_FN friend twice power_of_two(twice x, int drop) {
        return {power_of_two(x.a, drop), power_of_two(x.b, drop)};
    }
    NONLIN_FN friend twice lookup(const double* table, twice x, int bits) {
        return {lookup(table, x.a, bits), lookup(table, x.b, bits)};
    }
    NONLIN_FN friend twice exponent(twice x) { return {exponent(x.a), exponent(x.b)}; }
};

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
