// The elementwise calls of the core: operands to roles.
#include <nonlin/core.h>

#include "dispatch.h"
#include "job.h"

namespace nonlin {
namespace {

// Parameters and outputs come later. To set them to 0 first would take time in small calls.
Job made(Kernel kernel, Dtype dtype, std::size_t length, std::size_t rows) {
    Job job;
    job.kernel = kernel;
    job.dtype = dtype;
    job.half = nullptr;
    job.parameters = 0;
    job.outputs = 1;
    job.biased = false;
    for (Operand& input : job.input) input = {};
    const int number = static_cast<int>(dtype);
    if (number < half_count) job.half = &active_kernels().halves[number];
    job.length = length;
    job.rows = rows;
    return job;
}

Job made_for(const KernelRow& row, std::size_t activation, Direction direction, Dtype dtype,
             std::size_t length, std::size_t rows) {
    const auto& kernels = dtype == Dtype::float64 ? row.float64 : row.float32;
    Job job = made(kernels[static_cast<int>(direction)], dtype, length, rows);
    job.outputs = direction == Direction::value_and_derivative ? 2 : 1;
    job.parameters = activations().first[activation].parameters->count;
    return job;
}

// Member by member: an operand that is put together first goes through memory, and the call waits.
void set(Operand& operand, char* at, std::ptrdiff_t step, std::ptrdiff_t outer) {
    operand.at = at;
    operand.step = step;
    operand.outer = outer;
}

// Gives each operand its role, in the order that all calls have; `next` sets the next one.
template <class Next>
void give_roles(Job& job, bool backward, bool second, Next next) {
    if (backward) next(job.input[grad_output_input]);
    next(job.input[main_input]);
    if (second) next(job.input[second_input]);
    for (int k = 0; k < job.parameters; ++k) next(job.parameter[k]);
    for (int k = 0; k < job.outputs; ++k) next(job.output[k]);
}

auto in_rows(const RowOperand* operands) {
    return [operands](Operand& operand) mutable {
        set(operand, operands->at, operands->core, operands->outer);
        ++operands;
    };
}

}  // namespace

void run(std::size_t activation, Direction direction, Dtype dtype, char* const* args,
         const std::ptrdiff_t* steps, std::size_t n) noexcept {
    const KernelRow& row = active_kernels().rows[activation];
    Job job = made_for(row, activation, direction, dtype, n, 1);
    int k = 0;
    give_roles(job, direction == Direction::backward, false, [&](Operand& operand) {
        set(operand, args[k], steps[k], 0);
        ++k;
    });
    run_job(job, row.cheap);
}

void run_biased(std::size_t activation, Direction direction, Dtype dtype,
                const RowOperand* operands, std::size_t length, std::size_t rows) noexcept {
    const KernelRow& row = active_kernels().rows[activation];
    Job job = made_for(row, activation, direction, dtype, length, rows);
    job.biased = true;
    give_roles(job, direction == Direction::backward, true, in_rows(operands));
    run_job(job, row.cheap);
}

void run_gated(std::size_t unit, bool backward, Dtype dtype, const RowOperand* operands,
               std::size_t length, std::size_t rows) noexcept {
    const GatedKernels& row = active_kernels().gated[unit];
    const auto& kernels = dtype == Dtype::float64 ? row.float64 : row.float32;
    Job job = made(kernels[backward ? 1 : 0], dtype, length, rows);
    job.outputs = backward ? 2 : 1;
    give_roles(job, backward, true, in_rows(operands));
    run_job(job, row.cheap);
}

}  // namespace nonlin
