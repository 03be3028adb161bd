// The kernels of row functions, and what they are given.
#pragma once

#include <nonlin/cuda.h>
#include <nonlin/rowwise/order.h>

#include "divisor.h"

namespace nonlin::cuda {

constexpr int max_row_operands = 8;
constexpr unsigned warp = 32, max_warps = 16;  // of a block

// Totals of chunks that are in shared memory at a time.
constexpr unsigned totals_at_once = 64;
constexpr std::size_t totals_size = 2 * totals_at_once * 2 * sizeof(double);

// A row that all blocks share has workspace for its totals, in two halves that take turns; also for
// one number of each block.
constexpr unsigned max_blocks = 4096;
NONLIN_FN constexpr std::size_t half_of_workspace(std::size_t length) {
    const std::size_t totals = 2 * (length / row_order::chunk + 1);
    return totals > max_blocks ? totals : max_blocks;
}

// A row's threads, its team: some lanes of a warp, whole warps of a block, or all blocks of the
// grid. The first of the three that is more than 1 has all of the next smaller.
//
// Where there is room, the rows of data of a block are brought to shared memory first, `slot` bytes
// for each; by all of its threads together, neighbouring rows first, if the elements of a row do
// not follow one another (turned). Results then take the same way back, if there is room for them
// too (output_turned).
struct Rows {
    RowsOperand operands[max_row_operands];
    int dimensions;  // of the rows
    Divisor sizes[max_dimensions];
    std::size_t rows, length;
    Dtype dtype;
    unsigned lanes, warps, blocks;
    std::size_t slot;
    bool turned, output_turned;
    double* workspace;
};

using RowsKernel = void (*)(Rows);

// In the order of the table of row functions; halves and float32 data share kernels.
extern const RowsKernel rows_float32[], rows_float64[];

}  // namespace nonlin::cuda
