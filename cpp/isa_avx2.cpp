#define NONLIN_ISA avx2
#include "pack/avx2.h"
#include "kernels.inl"
#include "gated.inl"
#include "halves.inl"

const nonlin::KernelTable nonlin::kernels_avx2 = {nonlin::Isa::avx2, "avx2", nonlin::avx2::rows,
                                                  nonlin::avx2::gated_kernels,
                                                  nonlin::avx2::halves};
