#define NONLIN_ISA scalar
#include "pack/scalar.h"
#include "kernels.inl"
#include "gated.inl"
#include "rows.inl"

const nonlin::KernelTable nonlin::kernels_scalar = {
    "scalar", nonlin::scalar::rows, nonlin::scalar::row_kernels, nonlin::scalar::gated_kernels};
