#include "rows.cuh"

#define NONLIN_KERNEL(name) nonlin::cuda::rows_kernel<nonlin::name, float>,
const nonlin::cuda::RowsKernel nonlin::cuda::rows_float32[] = {NONLIN_ROWWISE(NONLIN_KERNEL)};
