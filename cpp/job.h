// One elementwise call over strided arrays, with its operands sorted by role.
#pragma once

#include <cstddef>
#include <nonlin/core.h>

#include "kernel_table.h"

namespace nonlin {

constexpr std::ptrdiff_t item_sizes[dtype_count] = {2, 2, 4, 8};

// Element (row, i) lies at `at + row * outer + i * step`.
struct Operand {
    char* at;
    std::ptrdiff_t step, outer;
    Operand from(std::size_t row, std::size_t i) const {
        return {at + static_cast<std::ptrdiff_t>(row) * outer +
                    static_cast<std::ptrdiff_t>(i) * step,
                step, outer};
    }
};

// The roles of the inputs: x, or a gated unit's activated input; the gradient with respect to the
// output; the other input of a gated unit, or a bias.
enum Role { main_input, grad_output_input, second_input, inputs };

struct Job {
    Kernel kernel;
    Dtype dtype;
    const HalfKernels* half;  // null unless the kernel takes float32 for data of this dtype
    int parameters, outputs;
    bool biased;            // the kernel gets x + second for x
    Operand input[inputs];  // those not in use are null
    Operand parameter[max_parameters];
    Operand output[2];
    std::size_t length, rows;
};

// On one thread or, if the job is large, several. cheap: bound by memory, not by arithmetic. May
// change the order of rows and columns in the job.
void run_job(Job& job, bool cheap) noexcept;

}  // namespace nonlin
