// The core's interface: the list of activations, the one call that runs them, and the two choices a
// process may make (instruction set, number of threads). No Python, no exceptions.
#pragma once

#include <cstddef>
#include <nonlin/about.h>
#include <nonlin/direction.h>
#include <nonlin/dtype.h>
#include <nonlin/row_operand.h>
#include <nonlin/rowwise/operands.h>

#pragma GCC visibility push(default)

namespace nonlin {

struct Activation {
    const char* name;
    const About* about;
    const Parameters* parameters;
};

struct Activations {
    const Activation* first;
    std::size_t count;
};

// Every activation, in the order of the table src/nonlin/elementwise.h.
Activations activations() noexcept;

// Runs one activation over n elements of strided arrays.
//
// args holds, in this order: grad_output (backward only), x, one pointer per parameter, the outputs
// (two for value_and_derivative). Data are of the given dtype, parameters always float64. steps are
// byte strides; 0 repeats one element. An output may be exactly an input; any other overlap is the
// caller's to avoid. Raises no floating-point flag, and gives the same bits whatever the strides,
// the length, the instruction set, the number of threads and the caller's floating-point
// environment. Only the first calls that use threads, which start them, allocate memory.
void run(std::size_t activation, Direction direction, Dtype dtype, char* const* args,
         const std::ptrdiff_t* steps, std::size_t n) noexcept;

// f(x + bias), where the sum is rounded to the dtype: the bits of two steps in one. Operands are
// those of run, with the bias after x; each has rows of the given length, strides from row to row
// and within a row. Parameters are float64. The direction is value or backward.
void run_biased(std::size_t activation, Direction direction, Dtype dtype,
                const RowOperand* operands, std::size_t length, std::size_t rows) noexcept;

// Sums of a strided array over its first and its last axis, in float64, into contiguous memory: a
// bias's gradient. The order of the terms depends on the shape alone.
struct Cube {
    Dtype dtype;
    const char* at;
    std::size_t shape[3];
    std::ptrdiff_t steps[3];  // bytes
};
void sum_around(const Cube& x, double* to) noexcept;

// The names of the gated units act(a) b, in the order of the table src/nonlin/gated.h.
struct GatedUnits {
    const char* const* first;
    std::size_t count;
};
GatedUnits gated_units() noexcept;

// Runs one gated unit over rows. operands are a, b and y; backward they are grad_output, a, b, the
// gradient of a and that of b. As for run, an output may be exactly an input, and the bits of an
// element depend on nothing but its inputs.
void run_gated(std::size_t unit, bool backward, Dtype dtype, const RowOperand* operands,
               std::size_t length, std::size_t rows) noexcept;

// Functions of whole rows, such as softmax, in the order of the table src/nonlin/rowwise.h.
struct RowFunction {
    const char* name;
    const Operands* operands;
};
struct RowFunctions {
    const RowFunction* first;
    std::size_t count;
};
RowFunctions row_functions() noexcept;

// Runs one row function over rows of the given length. operands are its inputs, then its outputs;
// the dtype is float32 or float64. An output may be exactly the first input of its kind, but for
// squared_error, logistic_loss and binary_loss. The bits of a row do not depend on the other rows,
// the strides, the instruction set or the number of threads. Allocates memory only for strided rows
// of more than 32768 elements together, and where there is none does without.
void run_rows(std::size_t function, Dtype dtype, const RowOperand* operands, std::size_t length,
              std::size_t rows) noexcept;

// Instruction sets: "avx512", "avx2", "scalar". NONLIN_ISA in the environment names the one to use;
// a name that is unknown, or not available on this machine, makes isa_error() say so.
const char* const* available_isas() noexcept;  // ends with nullptr, best first
const char* isa() noexcept;                    // the active one
bool set_isa(const char* name) noexcept;       // false: not available, nothing changed
const char* isa_error() noexcept;  // the value of NONLIN_ISA if it was rejected, or nullptr

// Threads for large arrays, at most 256. The default is NONLIN_NUM_THREADS or, where that is unset,
// empty, 0 or no number, what affinity and cgroup quota allow.
int num_threads() noexcept;
void set_num_threads(int count) noexcept;  // 0 goes back to the default
const char* num_threads_error() noexcept;  // the value of NONLIN_NUM_THREADS if it is no number

}  // namespace nonlin

#pragma GCC visibility pop
