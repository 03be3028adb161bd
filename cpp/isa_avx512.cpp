#define NONLIN_ISA avx512
#include "pack/avx512.h"
#include "kernels.inl"

const nonlin::KernelTable nonlin::kernels_avx512 = {"avx512", nonlin::avx512::rows};
