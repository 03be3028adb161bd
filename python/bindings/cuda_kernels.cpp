#include "cuda_kernels.h"

#include <nonlin/elementwise.h>
#include <nonlin/gated.h>
#include <nonlin/rowwise.h>
#include <nonlin/suffixes.h>

namespace nonlin::python {
namespace {

void add_activation(std::vector<CudaKernel>& all, const std::string& name, std::size_t index,
                    const Parameters& parameters) {
    const auto count = static_cast<std::size_t>(parameters.count);
    const auto add = [&](Direction direction, bool biased, const char* data, const char* outputs) {
        const std::string ending = direction_suffixes[static_cast<std::size_t>(direction)];
        all.push_back({name + (biased ? "_biased" : "") + ending, Family::elementwise, index,
                       direction, biased, biased, data + std::string(count, biased ? 'v' : 'p'),
                       outputs});
    };
    add(Direction::value, false, "x", "x");
    add(Direction::derivative, false, "x", "x");
    add(Direction::backward, false, "xx", "x");
    add(Direction::value_and_derivative, false, "x", "xx");
    add(Direction::value, true, "xx", "x");
    add(Direction::backward, true, "xxx", "x");
}

void add_gated_unit(std::vector<CudaKernel>& all, const std::string& name, std::size_t index) {
    for (const bool over_rows : {false, true}) {
        const std::string ending = over_rows ? "_rows" : "";
        all.push_back(
            {name + ending, Family::gated, index, Direction::value, false, over_rows, "xx", "x"});
        all.push_back({name + "_backward" + ending, Family::gated, index, Direction::backward,
                       false, over_rows, "xxx", "xx"});
    }
}

}  // namespace

std::vector<CudaKernel> cuda_kernels() {
    std::vector<CudaKernel> all;
    std::size_t index = 0;
#define NONLIN_ENTRY(name, value_work, slope_work)                                                 \
    add_activation(all, #name, index++, nonlin::name::parameters);
    NONLIN_ELEMENTWISE(NONLIN_ENTRY)
#undef NONLIN_ENTRY
    index = 0;
#define NONLIN_ENTRY(name, activation) add_gated_unit(all, #name, index++);
    NONLIN_GATED(NONLIN_ENTRY)
#undef NONLIN_ENTRY
    index = 0;
#define NONLIN_ENTRY(name)                                                                         \
    all.push_back({#name, Family::rows, index++, Direction::value, false, true,                    \
                   nonlin::name::operands.inputs, nonlin::name::operands.outputs});
    NONLIN_ROWWISE(NONLIN_ENTRY)
#undef NONLIN_ENTRY
    all.push_back({"sum_around", Family::sum_around, 0, Direction::value, false, false, "x", "v"});
    return all;
}

}  // namespace nonlin::python
