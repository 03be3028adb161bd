// Sums in float64 over all axes but one, in the order of the CPU's: a row of the last axis goes to
// eight sums, and 64 steps of these to its total; the rows of 64 outer indices to a partial sum;
// and the partial sums, one after another, to the sum.
#include <nonlin/cuda.h>

#include "data.h"
#include "launch.h"

namespace nonlin::cuda {
namespace {

constexpr std::size_t stage = 64;
constexpr unsigned lanes = 8, threads = 1024;

struct Sums {
    Operand x;
    std::size_t sizes[3];
    double* to;
    unsigned lanes;    // of a row; 1 for rows of one element
    unsigned columns;  // of a block
};

__global__ void __launch_bounds__(threads) sums(const Sums a) {
    double* const partial_sums = reinterpret_cast<double*>(shared_memory());
    const unsigned lane = threadIdx.x % a.lanes, place = threadIdx.x / a.lanes;
    const unsigned in_block = place % a.columns, worker = place / a.columns;
    const unsigned workers = threads / a.lanes / a.columns;
    const std::size_t column = std::size_t{blockIdx.x} * a.columns + in_block;
    const bool active = column < a.sizes[1];
    const char* const first = static_cast<const char*>(a.x.at) +
                              static_cast<std::ptrdiff_t>(active ? column : 0) * a.x.steps[1];
    const auto element = [&](std::size_t outer, std::size_t i) {
        const char* const at = first + static_cast<std::ptrdiff_t>(outer) * a.x.steps[0] +
                               static_cast<std::ptrdiff_t>(i) * a.x.steps[2];
        return load_parameter(at, a.x.dtype);
    };
    // Every lane of a row has its total.
    const auto row_sum = [&](std::size_t outer) {
        double total = 0;
        for (std::size_t start = 0; start < a.sizes[2]; start += stage * lanes) {
            const std::size_t left = a.sizes[2] - start;
            const std::size_t end = start + (left < stage * lanes ? left : stage * lanes);
            double sum = 0;
            for (std::size_t i = start + lane; i < end; i += lanes) sum += element(outer, i);
            for (unsigned bit = 1; bit < lanes; bit *= 2) {
                sum += __shfl_xor_sync(~0u, sum, static_cast<int>(bit));
            }
            total += sum;
        }
        return total;
    };

    double total = 0;
    for (std::size_t begin = 0; begin < a.sizes[0]; begin += stage * workers) {
        const std::size_t from = begin + worker * stage;
        double partial = 0;
        for (std::size_t outer = from; outer < from + stage && outer < a.sizes[0]; ++outer) {
            partial += a.lanes == 1 ? element(outer, 0) : row_sum(outer);
        }
        if (lane == 0) partial_sums[worker * a.columns + in_block] = partial;
        __syncthreads();
        if (worker == 0 && lane == 0) {
            for (unsigned w = 0; w < workers && begin + w * stage < a.sizes[0]; ++w) {
                total += partial_sums[w * a.columns + in_block];
            }
        }
        __syncthreads();
    }
    if (worker == 0 && lane == 0 && active) a.to[column] = total;
}

}  // namespace

cudaError_t sum_around(const Operand& x, const std::size_t (&sizes)[3], double* to,
                       cudaStream_t stream) {
    if (sizes[1] == 0) return cudaSuccess;
    Sums a{x, {sizes[0], sizes[1], sizes[2]}, to, sizes[2] == 1 ? 1 : lanes, 0};
    a.columns = a.lanes == 1 ? 8 : 4;  // at least a sector of memory; the more workers, the better
    const std::size_t shared = threads / a.lanes * sizeof(double);
    return launch(sums, a, {(sizes[1] + a.columns - 1) / a.columns, threads, shared, stream});
}

}  // namespace nonlin::cuda
