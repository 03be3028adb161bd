// Elementwise calls: operands to roles, dimensions put in order, and the kernel that fits.
#include <nonlin/cuda.h>
#include <nonlin/elementwise.h>
#include <nonlin/gated.h>

#include "data.h"
#include "elementwise_table.h"
#include "launch.h"

namespace nonlin::cuda {
namespace {

#define NONLIN_ENTRY(name, value_work, slope_work) &name::parameters,
constexpr const Parameters* parameters_of[] = {NONLIN_ELEMENTWISE(NONLIN_ENTRY)};
#undef NONLIN_ENTRY
constexpr std::size_t activations = sizeof parameters_of / sizeof *parameters_of;
#define NONLIN_ENTRY(name, activation) +1
constexpr std::size_t gated_units = 0 NONLIN_GATED(NONLIN_ENTRY);
#undef NONLIN_ENTRY

// A call with its operands sorted by role; those not in use are at nullptr. grad_output is last, so
// that the inputs of a kernel are a prefix without it.
struct Call {
    Operand input[max_inputs], parameter[max_parameters], output[2];
    int parameters, outputs;
    Dtype dtype;
    Shape shape;
    std::size_t count;
};
enum Role { main_input, second_input, grad_output_input };

template <class Do>
void each_operand(Call& call, Do apply) {
    for (Operand& input : call.input) apply(input);
    for (int k = 0; k < call.parameters; ++k) apply(call.parameter[k]);
    for (int k = 0; k < call.outputs; ++k) apply(call.output[k]);
}

void swap_dimensions(Call& call, int a, int b) {
    const auto swap = [](auto& x, auto& y) {
        const auto kept = x;
        x = y;
        y = kept;
    };
    swap(call.shape.sizes[a], call.shape.sizes[b]);
    each_operand(call, [&](Operand& o) { swap(o.steps[a], o.steps[b]); });
}

void drop_dimension(Call& call, int d) {
    const int last = --call.shape.dimensions;
    for (int k = d; k < last; ++k) call.shape.sizes[k] = call.shape.sizes[k + 1];
    each_operand(call, [&](Operand& o) {
        for (int k = d; k < last; ++k) o.steps[k] = o.steps[k + 1];
    });
}

// The fewest dimensions that describe the same arrays, the output's longest steps first.
void arrange(Call& call) {
    Shape& shape = call.shape;
    for (int d = shape.dimensions - 1; d >= 0; --d) {
        if (shape.sizes[d] == 1) drop_dimension(call, d);
    }
    const auto step = [&](int d) {
        const std::ptrdiff_t s = call.output[0].steps[d];
        return s < 0 ? -s : s;
    };
    for (int d = 1; d < shape.dimensions; ++d) {
        for (int k = d; k > 0 && step(k - 1) < step(k); --k) swap_dimensions(call, k - 1, k);
    }
    for (int d = shape.dimensions - 2; d >= 0; --d) {
        bool one = true;
        const auto size = static_cast<std::ptrdiff_t>(shape.sizes[d + 1]);
        each_operand(call, [&](Operand& o) {
            one &= o.at == nullptr || o.steps[d] == o.steps[d + 1] * size;
        });
        if (!one) continue;
        shape.sizes[d + 1] *= shape.sizes[d];
        drop_dimension(call, d);
    }
    if (shape.dimensions == 0) {
        shape.dimensions = 1;
        shape.sizes[0] = 1;
        const auto size = static_cast<std::ptrdiff_t>(item_size(call.dtype));
        each_operand(call, [&](Operand& o) { o.steps[0] = size; });
    }
}

// An operand of a call, and whether 16-byte accesses reach whole groups of it.
Array array_of(const Call& call, const Operand& operand) {
    const int inner = call.shape.dimensions - 1;
    Array array{static_cast<char*>(operand.at), {}, operand.dtype, true};
    for (int d = 0; d < call.shape.dimensions; ++d) {
        array.steps[d] = operand.steps[d];
        array.in_groups &= d == inner || operand.steps[d] % group_bytes == 0;
    }
    array.in_groups &= reinterpret_cast<std::size_t>(operand.at) % group_bytes == 0 &&
                       operand.steps[inner] == static_cast<std::ptrdiff_t>(item_size(call.dtype));
    return array;
}

Variant variant_of(const Call& call, const Parameters& known) {
    bool defaults = known.count > 0, exact = known.count > 0;
    for (int k = 0; k < known.count; ++k) {
        if (call.parameter[k].at != nullptr) return Variant::varied;
        const double p = call.parameter[k].value;
        defaults &= p == known.list[k].fallback;
        exact &= static_cast<double>(static_cast<float>(p)) == p;
    }
    return defaults ? Variant::at_default : exact ? Variant::exact : Variant::general;
}

const ElementwiseTable& table_of(Dtype dtype) {
    if (dtype == Dtype::float64) return elementwise_float64;
    return dtype == Dtype::float32 ? elementwise_float32 : elementwise_halves;
}

cudaError_t start(const ElementwiseRow& row, Want want, Variant variant, Call& call,
                  cudaStream_t stream) {
    if (call.count == 0) return cudaSuccess;
    arrange(call);
    Elementwise a{};
    int place[max_inputs];
    for (int k = 0; k < max_inputs; ++k) {
        place[k] = call.input[k].at == nullptr ? -1 : a.inputs++;
        if (place[k] >= 0) a.input[place[k]] = array_of(call, call.input[k]);
    }
    a.second = place[second_input];
    a.grad_output = place[grad_output_input];
    for (int k = 0; k < call.outputs; ++k) a.output[k] = array_of(call, call.output[k]);
    for (int k = 0; k < call.parameters; ++k) {
        a.parameter[k] = array_of(call, call.parameter[k]);
        a.numbers[k] = call.parameter[k].value;
    }
    a.dimensions = call.shape.dimensions;
    a.length = call.shape.sizes[a.dimensions - 1];
    a.dtype = call.dtype;
    const std::size_t in_group = group_bytes / item_size(call.dtype);
    const std::size_t of_row = (a.length + in_group - 1) / in_group;
    a.groups = call.count / a.length * of_row;
    a.groups_of_row = Divisor(of_row, a.groups);
    for (int d = 0; d < a.dimensions - 1; ++d) a.sizes[d] = Divisor(call.shape.sizes[d], a.groups);
    constexpr std::size_t of_block = block_threads * groups_of_thread;
    const auto slots = static_cast<std::size_t>(a.inputs > call.outputs ? a.inputs : call.outputs);
    return launch(row.wants[static_cast<int>(want)].variants[static_cast<int>(variant)], a,
                  {(a.groups + of_block - 1) / of_block, block_threads,
                   slots * of_block * group_bytes, stream});
}

// Roles in the order of the operands.
class Sorted {
public:
    Sorted(Dtype dtype, const Shape& shape, const Operand* operands_) : operands(operands_) {
        call.dtype = dtype;
        call.shape = shape;
        call.count = 1;
        valid = shape.dimensions >= 0 && shape.dimensions <= max_dimensions;
        for (int d = 0; valid && d < shape.dimensions; ++d) call.count *= shape.sizes[d];
    }
    void take(Operand& to) { to = *operands++; }

    Call call{};
    bool valid;

private:
    const Operand* operands;
};

}  // namespace

cudaError_t run(std::size_t activation, Direction direction, bool biased, Dtype dtype,
                const Shape& shape, const Operand* operands, cudaStream_t stream) {
    Sorted sorted(dtype, shape, operands);
    Call& call = sorted.call;
    if (!sorted.valid || activation >= activations) return cudaErrorInvalidValue;
    const Parameters& known = *parameters_of[activation];
    call.parameters = known.count;
    call.outputs = direction == Direction::value_and_derivative ? 2 : 1;
    if (direction == Direction::backward) sorted.take(call.input[grad_output_input]);
    sorted.take(call.input[main_input]);
    if (biased) sorted.take(call.input[second_input]);
    for (int k = 0; k < call.parameters; ++k) sorted.take(call.parameter[k]);
    for (int k = 0; k < call.outputs; ++k) sorted.take(call.output[k]);
    const Want want = direction == Direction::value                  ? Want::value
                      : direction == Direction::value_and_derivative ? Want::both
                                                                     : Want::slope;
    return start(table_of(dtype).activations[activation], want, variant_of(call, known), call,
                 stream);
}

cudaError_t run_gated(std::size_t unit, bool backward, Dtype dtype, const Shape& shape,
                      const Operand* operands, cudaStream_t stream) {
    Sorted sorted(dtype, shape, operands);
    Call& call = sorted.call;
    if (!sorted.valid || unit >= gated_units) return cudaErrorInvalidValue;
    call.outputs = backward ? 2 : 1;
    if (backward) sorted.take(call.input[grad_output_input]);
    sorted.take(call.input[main_input]);
    sorted.take(call.input[second_input]);
    for (int k = 0; k < call.outputs; ++k) sorted.take(call.output[k]);
    return start(table_of(dtype).gated[unit], backward ? Want::both : Want::value, Variant::general,
                 call, stream);
}

}  // namespace nonlin::cuda
