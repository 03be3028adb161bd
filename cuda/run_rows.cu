// Calls of row functions: how many threads a row gets, and whether it fits in shared memory.
#include <nonlin/cuda.h>
#include <nonlin/rowwise.h>

#include <initializer_list>

#include "data.h"
#include "launch.h"
#include "row_table.h"

namespace nonlin::cuda {
namespace {

#define NONLIN_ENTRY(name) &name::operands,
constexpr const Operands* operands_of[] = {NONLIN_ROWWISE(NONLIN_ENTRY)};
#undef NONLIN_ENTRY
constexpr std::size_t functions = sizeof operands_of / sizeof *operands_of;

// Blocks of short rows: threads, and bytes of rows, so that several blocks share a processor.
constexpr unsigned short_threads = 256;
constexpr std::size_t short_bytes = 32 * 1024;
// Rows that are put in shared memory side by side where their elements do not follow one another:
// as many as make whole 32-byte sectors.
constexpr unsigned turned_rows = 8;
// Rows that go to all blocks, one after another, cost this many elements more: the time in which
// all blocks wait for one another (estimated for an H200: 8 us).
constexpr std::size_t cost_of_waiting = std::size_t{1} << 22;

struct Device {
    int processors, shared;
    cudaError_t error;
};
Device current_device() {
    Device found{};
    int device = 0;
    found.error = cudaGetDevice(&device);
    const auto ask = [&](int& value, cudaDeviceAttr what) {
        if (found.error == cudaSuccess) found.error = cudaDeviceGetAttribute(&value, what, device);
    };
    ask(found.processors, cudaDevAttrMultiProcessorCount);
    ask(found.shared, cudaDevAttrMaxSharedMemoryPerBlockOptin);
    return found;
}

int count(const char* kinds, char kind) {
    int found = 0;
    for (; *kinds != '\0'; ++kinds) found += kind == 0 || *kinds == kind;
    return found;
}

std::size_t rounded_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

// How the rows are laid out on a device. Sizes are in bytes.
struct Plan {
    unsigned lanes, warps, teams;
    bool by_grid, turned, output_turned;
    std::size_t slot, shared;
};

// Of rows of data, `inputs` ones and perhaps an output.
Plan planned(const Device& device, int inputs, bool output, std::size_t size, std::size_t length,
             std::size_t rows, bool scattered) {
    Plan plan{};
    plan.lanes = length <= 8 ? 8 : length <= 16 ? 16 : warp;
    const std::size_t chunks = (length + row_order::chunk - 1) / row_order::chunk;
    plan.warps = chunks < 1 ? 1 : chunks < max_warps ? static_cast<unsigned>(chunks) : max_warps;

    auto slots = static_cast<std::size_t>(inputs);
    const std::size_t room = static_cast<std::size_t>(device.shared) - totals_size;
    const std::size_t row_bytes = rounded_up(length * size, 16);
    // An odd number of 16 bytes, lest the same element of all rows meets in one bank.
    const std::size_t turned_slot = row_bytes | 16;
    plan.turned = scattered && turned_rows * slots * turned_slot <= room;
    plan.output_turned = plan.turned && output && turned_rows * (slots + 1) * turned_slot <= room;
    if (plan.turned) plan.warps = 1;
    if (plan.output_turned) ++slots;
    plan.slot = plan.turned ? turned_slot : row_bytes;
    const std::size_t team_bytes = slots * plan.slot;
    const bool fits = team_bytes <= room && (plan.turned || !scattered);
    const auto processors = static_cast<std::size_t>(device.processors);
    // Else a row takes one of the processors, all rows that there are processors for at once.
    plan.by_grid = !plan.turned && chunks > 1 && rows < processors &&
                   rows * (cost_of_waiting + length) <= processors * length;
    if (!fits || plan.by_grid) plan.slot = 0;
    if (plan.by_grid) {
        const std::size_t each = chunks / processors;
        plan.warps = each < 1 ? 1 : each < max_warps ? static_cast<unsigned>(each) : max_warps;
    }

    plan.teams = 1;
    if (plan.warps == 1 && !plan.by_grid) {
        const unsigned most = short_threads / plan.lanes;
        const std::size_t bytes = plan.slot == 0 ? 0 : team_bytes;
        plan.teams = most;
        while (plan.teams > (plan.turned ? turned_rows : 1u) &&
               plan.teams * bytes > (plan.turned ? room : short_bytes)) {
            plan.teams /= 2;
        }
    }
    plan.shared = totals_size + plan.teams * (plan.slot == 0 ? 0 : team_bytes);
    return plan;
}

std::size_t product(const Shape& shape) {
    std::size_t n = 1;
    for (int d = 0; d < shape.dimensions; ++d) n *= shape.sizes[d];
    return n;
}

// Whether the elements of some row of data do not follow one another.
bool is_scattered(const Operands& kinds, const RowsOperand* operands, std::size_t size) {
    const auto one = static_cast<std::ptrdiff_t>(size);
    bool scattered = false;
    for (const char* of : {kinds.inputs, kinds.outputs}) {
        for (; *of != '\0'; ++of, ++operands) scattered |= *of == 'x' && operands->core != one;
    }
    return scattered;
}

}  // namespace

std::size_t row_workspace(std::size_t function, Dtype dtype, std::size_t length, std::size_t rows) {
    if (function >= functions) return 0;
    const Operands& kinds = *operands_of[function];
    const Device device = current_device();
    if (device.error != cudaSuccess) return 0;
    const Plan plan =
        planned(device, count(kinds.inputs, 'x'), false, item_size(dtype), length, rows, false);
    return plan.by_grid ? 2 * half_of_workspace(length) * sizeof(double) : 0;
}

cudaError_t run_rows(std::size_t function, Dtype dtype, std::size_t length, const Shape& shape,
                     const RowsOperand* operands, void* workspace, cudaStream_t stream) {
    const bool known = function < functions && shape.dimensions >= 0;
    if (!known || shape.dimensions > max_dimensions) return cudaErrorInvalidValue;
    const Operands& kinds = *operands_of[function];
    const int inputs = count(kinds.inputs, 0), all = inputs + count(kinds.outputs, 0);
    const std::size_t size = item_size(dtype);
    Rows a{};
    for (int k = 0; k < all; ++k) a.operands[k] = operands[k];
    a.dimensions = shape.dimensions;
    a.rows = product(shape);
    for (int d = 0; d < shape.dimensions; ++d) a.sizes[d] = Divisor(shape.sizes[d], a.rows);
    a.length = length;
    a.dtype = dtype;
    if (a.rows == 0) return cudaSuccess;
    const Device device = current_device();
    if (device.error != cudaSuccess) return device.error;
    const Plan plan = planned(device, count(kinds.inputs, 'x'), kinds.outputs[0] == 'x', size,
                              length, a.rows, is_scattered(kinds, operands, size));
    const RowsKernel kernel = (dtype == Dtype::float64 ? rows_float64 : rows_float32)[function];
    a.lanes = plan.lanes;
    a.warps = plan.warps;
    a.blocks = 1;
    a.slot = plan.slot;
    a.turned = plan.turned;
    a.output_turned = plan.output_turned;
    Launch how{(a.rows + plan.teams - 1) / plan.teams,
               plan.teams * plan.lanes * plan.warps,
               plan.shared,
               stream,
               false,
               device.shared};
    if (plan.by_grid && workspace != nullptr) {
        int resident = 0;
        const cudaError_t error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
            &resident, kernel, static_cast<int>(how.threads), how.shared);
        if (error != cudaSuccess) return error;
        const std::size_t most = static_cast<std::size_t>(resident * device.processors);
        const std::size_t chunks = length / row_order::chunk + 1;
        const std::size_t wanted = (chunks + plan.warps - 1) / plan.warps;
        how.blocks = wanted < most ? wanted : most;
        if (how.blocks > max_blocks) how.blocks = max_blocks;
        how.cooperative = how.blocks > 1;
        a.blocks = static_cast<unsigned>(how.blocks);
        a.workspace = static_cast<double*>(workspace);
        if (!how.cooperative) how.blocks = a.rows;
    }
    return launch(kernel, a, how);
}

}  // namespace nonlin::cuda
