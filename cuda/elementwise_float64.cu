#include "elementwise.cuh"

const nonlin::cuda::ElementwiseTable nonlin::cuda::elementwise_float64 =
    nonlin::cuda::table<double>;
