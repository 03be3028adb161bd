#define NONLIN_ISA avx2
#include "pack/avx2.h"
#include "rows.inl"

const nonlin::RowKernels nonlin::row_kernels_avx2[] = {NONLIN_ROWWISE(NONLIN_ROW_KERNELS)};
