#define NONLIN_ISA avx512
#include "pack/avx512.h"
#include "kernels.inl"
#include "gated.inl"
#include "halves.inl"

const nonlin::KernelTable nonlin::kernels_avx512 = {
    nonlin::Isa::avx512, "avx512", nonlin::avx512::rows, nonlin::avx512::gated_kernels,
    nonlin::avx512::halves};
