// sum_around gives the bits of the CPU, for every dtype and cubes of all kinds of shapes.
#include <nonlin/cuda.h>

#include "calls.h"
#include "device_memory.h"

using namespace calls;
namespace cuda = nonlin::cuda;

namespace {

constexpr std::size_t most = 400000;

struct Cube {
    std::size_t shape[3];
    int order[3];  // of the dimensions in memory, the last one is contiguous
};
constexpr Cube cubes[] = {
    {{1, 1, 1}, {0, 1, 2}},    {{0, 3, 5}, {0, 1, 2}},     {{3, 0, 5}, {0, 1, 2}},
    {{5, 3, 0}, {0, 1, 2}},    {{7, 40, 1}, {0, 1, 2}},    {{64, 33, 1}, {0, 1, 2}},
    {{65, 5, 1}, {1, 0, 2}},   {{3000, 70, 1}, {0, 1, 2}}, {{3, 6, 8}, {0, 1, 2}},
    {{5, 9, 513}, {0, 1, 2}},  {{130, 3, 100}, {2, 1, 0}}, {{1, 2, 70000}, {0, 1, 2}},
    {{70, 7, 600}, {1, 2, 0}},
};

void test(const Cube& cube, Dtype dtype, DeviceMemory& x, DeviceMemory& out) {
    const std::size_t n = cube.shape[0] * cube.shape[1] * cube.shape[2];
    const auto size = size_of(dtype);
    char* const at = static_cast<char*>(x.place(n, size, size));
    for (std::size_t i = 0; i < n; ++i) {
        // Numbers alone: NaN would hide the others.
        put_number(dtype, 3 * (i % most) + 2, at + static_cast<std::ptrdiff_t>(i) * size);
    }
    std::ptrdiff_t steps[3], step = size;
    for (int k = 2; k >= 0; --k) {
        steps[cube.order[k]] = step;
        step *= static_cast<std::ptrdiff_t>(cube.shape[cube.order[k]]);
    }
    nonlin::Cube given{
        dtype, at, {cube.shape[0], cube.shape[1], cube.shape[2]}, {steps[0], steps[1], steps[2]}};
    double expected[128];
    nonlin::sum_around(given, expected);
    auto* const to = static_cast<double*>(out.place(cube.shape[1], 8, 8));
    const cuda::Operand operand{at, dtype, {steps[0], steps[1], steps[2]}, 0};
    if (!finished(cuda::sum_around(operand, cube.shape, to, nullptr))) return;
    for (std::size_t k = 0; k < cube.shape[1]; ++k) {
        CHECK(std::memcmp(&to[k], &expected[k], sizeof(double)) == 0,
              "%s (%zu, %zu, %zu), %zu: %a, not %a", dtype_names[static_cast<int>(dtype)],
              cube.shape[0], cube.shape[1], cube.shape[2], k, to[k], expected[k]);
    }
}

}  // namespace

int main() {
    need_device();
    DeviceMemory x(most * 8), out(128 * 8);
    for (const Cube& cube : cubes) {
        for (const Dtype dtype : dtypes) test(cube, dtype, x, out);
    }
    return check::result();
}
