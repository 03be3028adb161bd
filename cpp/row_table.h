// What one instruction set's object file offers for row functions. Plain C types only.
#pragma once

#include <nonlin/isa.h>
#include <nonlin/row_operand.h>
#include <stddef.h>

namespace nonlin {

constexpr int max_row_operands = 8;

// Rows shorter than this are taken several at a time, one in each lane.
constexpr size_t long_row = 24;

// Runs task(context, piece) for all pieces, perhaps on several threads.
using Share = void (*)(size_t pieces, void (*task)(void* context, size_t piece), void* context);

struct RowArguments {
    RowOperand operands[max_row_operands];  // inputs, outputs
    size_t length, rows;
    Share share;  // for the sections of a long row; or nullptr
};

using RowKernel = void (*)(const RowArguments&);

struct RowKernels {
    RowKernel float32, float64;
};

// In the order of src/nonlin/rowwise.h. Not in the table of the elementwise kernels: a program that
// is linked with the static library and calls no row function is spared two thirds of its size.
#define NONLIN_TABLE_OF(isa) extern const RowKernels row_kernels_##isa[];
NONLIN_ISAS(NONLIN_TABLE_OF)
#undef NONLIN_TABLE_OF

}  // namespace nonlin
