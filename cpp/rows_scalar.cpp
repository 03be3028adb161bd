#define NONLIN_ISA scalar
#include <nonlin/scalar.h>
#include "rows.inl"

const nonlin::RowKernels nonlin::row_kernels_scalar[] = {NONLIN_ROWWISE(NONLIN_ROW_KERNELS)};
