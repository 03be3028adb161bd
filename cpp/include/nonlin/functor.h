// What a functor of nonlin/map.h says about itself, for the program that calls it and for the loops
// that run it.
#pragma once

#include <nonlin/traits.h>

namespace nonlin {

// Whether float32 data is to be computed in float64 lanes.
template <class F, class = void>
constexpr bool is_wide = false;
template <class F>
constexpr bool is_wide<F, when_valid<decltype(F::wide)>> = F::wide;

template <class F, class, class... V>
constexpr bool accepts = false;
template <class F, class... V>
constexpr bool accepts<F, when_valid<decltype(some<const F&>()(some<V>()...))>, V...> = true;

// The number of packs that a functor takes, 0 if it takes none of this type.
template <class F, class V>
constexpr int arity = accepts<F, void, V>         ? 1
                      : accepts<F, void, V, V>    ? 2
                      : accepts<F, void, V, V, V> ? 3
                                                  : 0;

}  // namespace nonlin
