// The loops of nonlin/map.h, for the pack that the including file has named NONLIN_ISA. Body and
// tail run the same code: a tail is copied into a padded buffer.

#include <nonlin/functor.h>
#include <stddef.h>

#include "pack/twice.h"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

template <class T, bool wide>
struct MapLanes {
    using type = twice<f64>;
};
template <>
struct MapLanes<float, false> {
    using type = f32;
};
template <>
struct MapLanes<float, true> {
    using type = twice<f32w>;
};

template <class F, class V>
NONLIN_FN V mapped(const F& f, const typename V::data* const* at, size_t i) {
    if constexpr (arity<F, V> == 1) {
        return f(V::load(at[0] + i));
    } else if constexpr (arity<F, V> == 2) {
        return f(V::load(at[0] + i), V::load(at[1] + i));
    } else {
        return f(V::load(at[0] + i), V::load(at[1] + i), V::load(at[2] + i));
    }
}

}  // namespace

template <class F, class T>
void map_kernel(const void* f_, const void* const* inputs, void* output, size_t n) {
    using V = typename MapLanes<T, is_wide<F>>::type;
    constexpr size_t lanes = V::lanes;
    constexpr int operands = arity<F, V>;
    static_assert(operands > 0, "the functor takes no packs: its operator() is to be const and a "
                                "template, with one to three parameters of one type");
    const F f = *static_cast<const F*>(f_);  // a copy: no store to the output can change it
    const T* at[3] = {};
    for (int k = 0; k < operands; ++k) at[k] = static_cast<const T*>(inputs[k]);
    T* const out = static_cast<T*>(output);
    const size_t body = n - n % lanes, rest = n % lanes;
    for (size_t i = 0; i < body; i += lanes) mapped<F, V>(f, at, i).store(out + i);
    if (rest == 0) return;

    T padded[3][lanes], results[lanes];
    const T* tail[3] = {padded[0], padded[1], padded[2]};
    for (int k = 0; k < operands; ++k) {
        for (size_t i = 0; i < lanes; ++i) padded[k][i] = at[k][body + (i < rest ? i : rest - 1)];
    }
    mapped<F, V>(f, tail, 0).store(results);
    for (size_t i = 0; i < rest; ++i) out[body + i] = results[i];
}

}  // namespace NONLIN_ISA
}  // namespace nonlin
