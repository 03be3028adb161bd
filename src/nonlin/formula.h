// What serves a call: which lanes compute the data, and which of an activation's formulas.
#pragma once

#include <nonlin/about.h>
#include <nonlin/fn.h>
#include <nonlin/traits.h>

namespace nonlin {

// F over lanes V, computed in lanes Work: V itself, or f64 where V holds float32 data that needs
// it.
template <class F, class V, class Work>
struct Formula {
    static constexpr bool direct = same<V, Work>;

    template <class... P>
    NONLIN_FN static V value(V x, P... p) {
        if constexpr (direct) {
            return F::value(x, p...);
        } else {
            return V::from_precise(F::value(x.to_precise(), p.to_precise()...));
        }
    }
    template <class... P>
    NONLIN_FN static V derivative(V x, P... p) {
        if constexpr (direct) {
            return F::derivative(x, p...);
        } else {
            return V::from_precise(F::derivative(x.to_precise(), p.to_precise()...));
        }
    }
};

// A struct F::at_default may hold formulas without parameters that serve float32 data where every
// parameter has its default: value, in float32 lanes, and derivative, in float64 lanes.
template <class F, class V, class = void>
constexpr bool value_at_default = false;
template <class F, class V>
constexpr bool value_at_default<F, V, when_valid<decltype(F::at_default::template value<V>(V()))>> =
    true;
template <class F, class V, class = void>
constexpr bool slope_at_default = false;
template <class F, class V>
constexpr bool
    slope_at_default<F, V, when_valid<decltype(F::at_default::template derivative<V>(V()))>> = true;

template <class F>
struct Unparametrised : F::at_default {
    static constexpr Parameters parameters = no_parameters();
};

}  // namespace nonlin
