#include "rows.cuh"

#define NONLIN_KERNEL(name) nonlin::cuda::rows_kernel<nonlin::name, double>,
const nonlin::cuda::RowsKernel nonlin::cuda::rows_float64[] = {NONLIN_ROWWISE(NONLIN_KERNEL)};
