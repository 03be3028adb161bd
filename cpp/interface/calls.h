// What the functions of the C interface are made of: contiguous arrays, parameters that are
// numbers.
#pragma once

#include <nonlin/core.h>

#include <initializer_list>

namespace nonlin::interface {

using Inputs = std::initializer_list<const void*>;
using Outputs = std::initializer_list<void*>;
using Numbers = std::initializer_list<double>;

constexpr std::ptrdiff_t size_of(Dtype dtype) { return dtype == Dtype::float64 ? 8 : 4; }
inline char* address(const void* at) { return static_cast<char*>(const_cast<void*>(at)); }

inline void activation(std::size_t number, Direction direction, Dtype dtype, Inputs inputs,
                       Numbers parameters, Outputs outputs, std::size_t n) noexcept {
    char* args[8];
    std::ptrdiff_t steps[8];
    int next = 0;
    const auto give = [&](const void* at, std::ptrdiff_t step) {
        args[next] = address(at);
        steps[next++] = step;
    };
    for (const void* input : inputs) give(input, size_of(dtype));
    for (const double& parameter : parameters) give(&parameter, 0);
    for (void* output : outputs) give(output, size_of(dtype));
    run(number, direction, dtype, args, steps, n);
}

inline void gated_unit(std::size_t number, bool backward, Dtype dtype, Inputs inputs,
                       Outputs outputs, std::size_t n) noexcept {
    RowOperand operands[5];
    int next = 0;
    for (const void* input : inputs) operands[next++] = {address(input), 0, size_of(dtype)};
    for (void* output : outputs) operands[next++] = {address(output), 0, size_of(dtype)};
    run_gated(number, backward, dtype, operands, n, 1);
}

// kinds are those of the operands in nonlin/rowwise.h: rows, single numbers of a row, parameters.
inline void row_function(std::size_t number, Dtype dtype, const char* kinds, Inputs inputs,
                         Numbers parameters, Outputs outputs, std::size_t rows,
                         std::size_t length) noexcept {
    RowOperand operands[8];
    int next = 0;
    const double* parameter = parameters.begin();
    const void* const* input = inputs.begin();
    void* const* output = outputs.begin();
    const auto row = static_cast<std::ptrdiff_t>(length) * size_of(dtype);
    for (; *kinds != '\0'; ++kinds) {
        RowOperand& operand = operands[next++];
        if (*kinds == 'p') {
            operand = {address(parameter++), 0, 0};
            continue;
        }
        const void* const at = input != inputs.end() ? *input++ : *output++;
        operand = {address(at), *kinds == 'x' ? row : size_of(dtype),
                   *kinds == 'x' ? size_of(dtype) : 0};
    }
    run_rows(number, dtype, operands, length, rows);
}

}  // namespace nonlin::interface
