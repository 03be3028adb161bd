// The core's own file, with the intrinsics of this folder and another name for what it exports.
#define kernels_avx512 kernels_avx512_emulated
#define row_kernels_avx512 row_kernels_avx512_emulated
#include "isa_avx512.cpp"
