// What one instruction set's object file exports: a table of kernels over contiguous arrays.
// Plain C types only: kernel files include no C++ standard header.
#pragma once

#include <nonlin/about.h>
#include <nonlin/direction.h>
#include <nonlin/dtype.h>
#include <nonlin/isa.h>
#include <stddef.h>

namespace nonlin {

constexpr size_t block = 256;  // elements, where work goes block by block through the stack

// Contiguous data, except that a parameter may be a single number (step 0 instead of 1).
struct KernelArguments {
    const void* grad_output;  // backward only
    const void* x;
    const double* parameters[max_parameters];
    size_t parameter_steps[max_parameters];
    void* outputs[2];    // the second for value_and_derivative
    const void* second;  // gated units only: x is the activated input, this the other one
};

using Kernel = void (*)(const KernelArguments&, size_t n);

struct KernelRow {
    Kernel float32[direction_count], float64[direction_count];
    bool cheap;  // bound by memory, not by arithmetic
};

// Value, and both gradients.
struct GatedKernels {
    Kernel float32[2], float64[2];
    bool cheap;
};

// From half precision, which needs no alignment, to float32 and back.
struct HalfKernels {
    void (*widen)(const char* from, float* to, size_t n);
    void (*narrow)(const float* from, char* to, size_t n);
};

struct KernelTable {
    Isa isa;
    const char* name;           // of the instruction set
    const KernelRow* rows;      // in the order of src/nonlin/elementwise.h
    const GatedKernels* gated;  // in the order of src/nonlin/gated.h
    const HalfKernels* halves;  // in the order of Dtype
};

#define NONLIN_TABLE_OF(isa) extern const KernelTable kernels_##isa;
NONLIN_ISAS(NONLIN_TABLE_OF)
#undef NONLIN_TABLE_OF

}  // namespace nonlin
