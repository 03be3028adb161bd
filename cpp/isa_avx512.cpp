#define NONLIN_ISA avx512
#include "pack/avx512.h"
#include "kernels.inl"
#include "gated.inl"
#include "rows.inl"

const nonlin::KernelTable nonlin::kernels_avx512 = {
    "avx512", nonlin::avx512::rows, nonlin::avx512::row_kernels, nonlin::avx512::gated_kernels};
