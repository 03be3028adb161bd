// As emulated.cpp.
#define row_kernels_avx512 row_kernels_avx512_emulated
#include "rows_avx512.cpp"
