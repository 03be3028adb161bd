#define NONLIN_ISA avx512
#include "pack/avx512.h"
#include "kernels.inl"
#include "gated.inl"
#include "halves.inl"

const nonlin::KernelTable nonlin::kernels_avx512 = {
    "avx512", nonlin::avx512::rows, nonlin::avx512::gated_kernels, nonlin::row_kernels_avx512,
    nonlin::avx512::halves};
