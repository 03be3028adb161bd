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
//
//     // anywhere
//     nonlin::map(Wave{2.0f}, x, y, n);  // y[i] = Wave{2.0f}(x[i])
//
// A functor takes one, two or three packs of lanes, with the words of nonlin/scalar.h and the
// functions of nonlin/math/, and is copied as bytes. `using data = float;` in it (or double) says
// that it is for such arrays alone; `static constexpr bool wide = true;`, that float32 data is to
// be computed in float64 lanes. Its header is compiled once for each instruction set: what it calls
// has to be NONLIN_FN, lest the linker picks the AVX version of a function for all of the program.
#pragma once

#include <nonlin/core.h>

namespace nonlin {

// f over n elements of contiguous arrays.
using MapKernel = void (*)(const void* f, const void* const* inputs, void* output, std::size_t n);

// Undefined? Then nonlin_add_functors has not been told of F.
namespace scalar {
template <class F, class T>
void map_kernel(const void* f, const void* const* inputs, void* output, std::size_t n);
}
namespace avx2 {
template <class F, class T>
void map_kernel(const void* f, const void* const* inputs, void* output, std::size_t n);
}
namespace avx512 {
template <class F, class T>
void map_kernel(const void* f, const void* const* inputs, void* output, std::size_t n);
}

#pragma GCC visibility push(default)

// One kernel for each instruction set.
struct MapKernels {
    MapKernel scalar, avx2, avx512;
};
void run_map(const MapKernels& kernels, const void* f, const void* const* inputs, int count,
             void* output, std::size_t item_size, std::size_t n) noexcept;

#pragma GCC visibility pop

// T is float or double. The output may be an input; other overlaps are not allowed. The number of
// lanes and threads makes no difference to the results.
template <class F, class T>
void map(const F& f, const T* x, T* y, std::size_t n) noexcept {
    const void* const inputs[] = {x};
    run_map({scalar::map_kernel<F, T>, avx2::map_kernel<F, T>, avx512::map_kernel<F, T>}, &f,
            inputs, 1, y, sizeof(T), n);
}
template <class F, class T>
void map(const F& f, const T* a, const T* b, T* y, std::size_t n) noexcept {
    const void* const inputs[] = {a, b};
    run_map({scalar::map_kernel<F, T>, avx2::map_kernel<F, T>, avx512::map_kernel<F, T>}, &f,
            inputs, 2, y, sizeof(T), n);
}
template <class F, class T>
void map(const F& f, const T* a, const T* b, const T* c, T* y, std::size_t n) noexcept {
    const void* const inputs[] = {a, b, c};
    run_map({scalar::map_kernel<F, T>, avx2::map_kernel<F, T>, avx512::map_kernel<F, T>}, &f,
            inputs, 3, y, sizeof(T), n);
}

}  // namespace nonlin
