// The kernels of row functions, for the pack that the including file has named NONLIN_ISA. A row
// function (src/nonlin/rowwise.h) sees its row as an Along or as an Across.
#pragma once

#include <nonlin/rowwise.h>

#include "across.inl"
#include "along.inl"
#include "pack/transpose.h"
#include "row_table.h"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

template <class F, class Data, bool shared>
[[gnu::noinline]] void along(const RowArguments& a, size_t r) {
    Along<F, Data, shared> row(a, r);
    F::run(row);
}
template <class F, class Data>
[[gnu::noinline]] void across(const RowArguments& a, size_t row, size_t count) {
    Across<F, Data> several(a, row, count);
    F::run(several);
}

// `lanes` short rows, turned in a buffer so that what the lanes hold lies side by side.
template <class F, class Data>
void turned(const RowArguments& a, size_t row) {
    constexpr size_t lanes = Across<F, Data>::lanes;
    constexpr int inputs = operand_count(F::operands.inputs);
    constexpr int operands = inputs + operand_count(F::operands.outputs);
    Data buffer[operands][long_row * lanes];
    RowArguments here = a;
    for (int k = 0; k < operands; ++k) {
        here.operands[k].at += static_cast<ptrdiff_t>(row) * a.operands[k].outer;
        if (kind_of<F>(k) != 'x') continue;
        if (k < inputs) {
            transpose<Data>(here.operands[k].at, a.operands[k].outer, lanes,
                            reinterpret_cast<char*>(buffer[k]), sizeof(Data) * lanes, a.length);
        }
        here.operands[k] = {reinterpret_cast<char*>(buffer[k]), sizeof(Data), sizeof(Data) * lanes};
    }
    across<F, Data>(here, 0, lanes);
    if (kind_of<F>(inputs) != 'x') return;
    const RowOperand& output = a.operands[inputs];
    transpose<Data>(reinterpret_cast<const char*>(buffer[inputs]), sizeof(Data) * lanes, a.length,
                    output.at + static_cast<ptrdiff_t>(row) * output.outer, output.outer, lanes);
}

template <class F, class Data>
void row_kernel(const RowArguments& a) {
    constexpr size_t lanes = Across<F, Data>::lanes;
    if (a.length >= long_row) {
        const bool shared = a.share != nullptr && a.length > section_length(a.length);
        for (size_t r = 0; r < a.rows; ++r) {
            shared ? along<F, Data, true>(a, r) : along<F, Data, false>(a, r);
        }
        return;
    }
    size_t r = 0;
    if (lanes > 1 && side_by_side<F, Data>(a)) {
        for (; r + lanes <= a.rows; r += lanes) turned<F, Data>(a, r);
    }
    for (; r < a.rows; r += lanes) {
        across<F, Data>(a, r, a.rows - r < lanes ? a.rows - r : lanes);
    }
}

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin

// A line of the table of kernels.
#define NONLIN_ROW_KERNELS(name)                                                                   \
    {nonlin::NONLIN_ISA::row_kernel<nonlin::name, float>,                                          \
     nonlin::NONLIN_ISA::row_kernel<nonlin::name, double>},
