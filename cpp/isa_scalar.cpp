#define NONLIN_ISA scalar
#include "pack/scalar.h"
#include "kernels.inl"

const nonlin::KernelTable nonlin::kernels_scalar = {"scalar", nonlin::scalar::rows};
