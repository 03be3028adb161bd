#include "elementwise.cuh"

const nonlin::cuda::ElementwiseTable nonlin::cuda::elementwise_halves =
    nonlin::cuda::table<unsigned short>;
