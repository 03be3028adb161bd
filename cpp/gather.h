// Long rows whose elements do not lie side by side, put together for the kernel and taken apart
// again: a kernel alone would take them one element after another.
#pragma once

#include <nonlin/rowwise/operands.h>

#include "row_table.h"

namespace nonlin {

// Rows to put together at once where neighbouring rows share cache lines.
constexpr size_t gathered_rows = 16;

// Whether rows of these kinds and an item size of the data would gain by it.
bool worth_gathering(const Operands& kinds, size_t item, const RowArguments& rows) noexcept;

// kernel(rows). Needs memory: its own where 64 KB are enough, else, of more than 32768 elements, of
// the heap; without it the kernel gets the rows as they are.
void run_gathered(RowKernel kernel, const Operands& kinds, size_t item,
                  const RowArguments& rows) noexcept;

}  // namespace nonlin
