#define NONLIN_ISA scalar
#include <nonlin/scalar.h>
#include "kernels.inl"
#include "gated.inl"
#include "halves.inl"

const nonlin::KernelTable nonlin::kernels_scalar = {
    nonlin::Isa::scalar, "scalar", nonlin::scalar::rows, nonlin::scalar::gated_kernels,
    nonlin::scalar::halves};
