// Functions of one's own over the SIMD loops of nonlin: for every instruction set that the library
// has kernels for, chosen while the program runs, with several threads for large arrays.
//
//     // wave.h
//     #include <nonlin/fn.h>
//     struct Wave {
//         float bend;
//         template <class V>
//         NONLIN_FN V operator()(V x) const { return x / mul_add(x, x, V(bend)); }
//     };
//
//     # CMakeLists.txt
//     nonlin_add_functors(program HEADER wave.h FUNCTORS Wave)
//     target_link_libraries(program PRIVATE nonlin::nonlin)
//
//     // anywhere
//     nonlin::map(Wave{2.0f}, x, y, n);  // y[i] = Wave{2.0f}(x[i])
//
// A functor takes one, two or three packs of lanes, with the words of nonlin/scalar.h and the
// formulas of nonlin/elementwise/, and is copied as bytes. `static constexpr bool wide = true;` in
// it says that float32 data is to be computed in float64 lanes: then 53 digits are carried where 24
// count, and every formula can be called. Its header is compiled once for each instruction set: it
// is to include nothing but nonlin's headers, to start nothing before main, and to call only what
// is NONLIN_FN, lest the linker picks the AVX version of a function for all of the program.
#pragma once

#include <nonlin/core.h>
#include <nonlin/functor.h>
#include <nonlin/isa.h>
#include <nonlin/scalar.h>

#include <type_traits>

namespace nonlin {

// f over n elements of contiguous arrays.
using MapKernel = void (*)(const void* f, const void* const* inputs, void* output, std::size_t n);

// Undefined? Then nonlin_add_functors has not been told of F.
#define NONLIN_KERNEL_OF(isa)                                                                      \
    namespace isa {                                                                                \
    template <class F, class T>                                                                    \
    void map_kernel(const void* f, const void* const* inputs, void* output, std::size_t n);        \
    }
NONLIN_ISAS(NONLIN_KERNEL_OF)
#undef NONLIN_KERNEL_OF

#pragma GCC visibility push(default)

// One kernel for each instruction set that the program knows; the library may know more.
struct MapKernels {
    int count;
    MapKernel of[isa_count];
};
void run_map(const MapKernels& kernels, const void* f, const void* const* inputs, int count,
             void* output, std::size_t item_size, std::size_t n) noexcept;

#pragma GCC visibility pop

// The kernels of a functor of so many arrays.
template <class F, class T, int arrays>
constexpr MapKernels map_kernels() {
    using Narrow = std::conditional_t<is_wide<F>, scalar::f32w, scalar::f32>;
    using V = std::conditional_t<std::is_same_v<T, double>, scalar::f64, Narrow>;
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "float or double arrays");
    static_assert(std::is_trivially_copyable_v<F>, "a functor is copied as bytes");
    static_assert(
        arity<F, V> == arrays,
        "the functor does not take as many packs as there are arrays: its operator() is to be "
        "const and a template, with one parameter for each array, and no overloads");
#define NONLIN_KERNEL_OF(isa) isa::map_kernel<F, T>,
    return {isa_count, {NONLIN_ISAS(NONLIN_KERNEL_OF)}};
#undef NONLIN_KERNEL_OF
}

// T is float or double. The output may be an input; other overlaps are not allowed. The number of
// lanes and threads makes no difference to the results.
template <class F, class T>
void map(const F& f, const T* x, T* y, std::size_t n) noexcept {
    const void* const inputs[] = {x};
    run_map(map_kernels<F, T, 1>(), &f, inputs, 1, y, sizeof(T), n);
}
template <class F, class T>
void map(const F& f, const T* a, const T* b, T* y, std::size_t n) noexcept {
    const void* const inputs[] = {a, b};
    run_map(map_kernels<F, T, 2>(), &f, inputs, 2, y, sizeof(T), n);
}
template <class F, class T>
void map(const F& f, const T* a, const T* b, const T* c, T* y, std::size_t n) noexcept {
    const void* const inputs[] = {a, b, c};
    run_map(map_kernels<F, T, 3>(), &f, inputs, 3, y, sizeof(T), n);
}

}  // namespace nonlin
