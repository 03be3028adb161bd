#define NONLIN_ISA avx512
#include "pack/avx512.h"
#include "rows.inl"

const nonlin::RowKernels nonlin::row_kernels_avx512[] = {NONLIN_ROWWISE(NONLIN_ROW_KERNELS)};
