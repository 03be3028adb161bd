#define NONLIN_ISA scalar
#include "pack/scalar.h"
#include "kernels.inl"
#include "rows.inl"

const nonlin::KernelTable nonlin::kernels_scalar = {"scalar", nonlin::scalar::rows,
                                                    nonlin::scalar::row_kernels};
