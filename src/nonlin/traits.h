// What the standard's <type_traits> would say: its headers stay out of the kernels.
#pragma once

namespace nonlin {

template <class A, class B>
constexpr bool same = false;
template <class A>
constexpr bool same<A, A> = true;

// void where the types exist
template <class...>
using when_valid = void;

// What an F makes of an A.
template <class A>
A some();
template <class F, class A>
using result = decltype(some<const F&>()(some<A>()));

}  // namespace nonlin
