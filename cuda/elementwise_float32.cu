#include "elementwise.cuh"

const nonlin::cuda::ElementwiseTable nonlin::cuda::elementwise_float32 = nonlin::cuda::table<float>;
