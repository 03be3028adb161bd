// Sums in float64 over all axes but one.
#include <cstdint>
#include <cstring>

#include <nonlin/core.h>

#include <nonlin/half.h>
#include "pack/fp_environment.h"
#include "parallel.h"

namespace nonlin {
namespace {

constexpr std::size_t chunk = 128;  // columns that are summed together, and go to one thread
constexpr std::size_t stage = 64;   // terms of a partial sum
constexpr std::size_t lanes = 8;    // partial sums along a row, so that they need not wait
constexpr std::size_t least_shared = std::size_t{1} << 16;

struct Sums {
    const Cube* cube;
    double* to;
};

struct Float16 {
    std::uint16_t bits;
};
struct Bfloat16 {
    std::uint16_t bits;
};

double number(float item) { return item; }
double number(double item) { return item; }
double number(Float16 item) { return float_from_half(item.bits); }
double number(Bfloat16 item) { return float_from_bfloat16(item.bits); }

template <class Item>
double item(const char* at) {
    Item copy;
    std::memcpy(&copy, at, sizeof copy);
    return number(copy);
}

// sums[k] += the number in column k
template <class Item>
void add_row(const char* at, std::ptrdiff_t step, std::size_t n, double* sums) {
    if (step == sizeof(Item)) {
        for (std::size_t k = 0; k < n; ++k) sums[k] += item<Item>(at + k * sizeof(Item));
    } else {
        for (std::size_t k = 0; k < n; ++k, at += step) sums[k] += item<Item>(at);
    }
}

// The sum of a row; also of a stage of it at a time.
template <class Item>
double row_sum(const char* at, std::ptrdiff_t step, std::size_t n) {
    double total = 0;
    for (std::size_t start = 0; start < n; start += stage * lanes) {
        const std::size_t left = n - start;
        const std::size_t count = left < stage * lanes ? left : stage * lanes;
        double sums[lanes] = {};
        std::size_t i = 0;
        for (; i + lanes <= count; i += lanes, at += step * static_cast<std::ptrdiff_t>(lanes)) {
            add_row<Item>(at, step, lanes, sums);
        }
        add_row<Item>(at, step, count - i, sums);
        at += step * static_cast<std::ptrdiff_t>(count - i);
        total += ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
                 ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }
    return total;
}

template <class Item>
void sum_chunk(const Cube& x, std::size_t first, std::size_t n, double* to) {
    const char* const corner = x.at + static_cast<std::ptrdiff_t>(first) * x.steps[1];
    double total[chunk] = {};
    for (std::size_t start = 0; start < x.shape[0]; start += stage) {
        const std::size_t left = x.shape[0] - start, count = left < stage ? left : stage;
        double partial[chunk] = {};
        for (std::size_t o = start; o < start + count; ++o) {
            const char* const row = corner + static_cast<std::ptrdiff_t>(o) * x.steps[0];
            if (x.shape[2] == 1) {
                add_row<Item>(row, x.steps[1], n, partial);
                continue;
            }
            for (std::size_t k = 0; k < n; ++k) {
                partial[k] += row_sum<Item>(row + static_cast<std::ptrdiff_t>(k) * x.steps[1],
                                            x.steps[2], x.shape[2]);
            }
        }
        for (std::size_t k = 0; k < n; ++k) total[k] += partial[k];
    }
    for (std::size_t k = 0; k < n; ++k) to[first + k] = total[k];
}

// In the order of Dtype.
constexpr void (*sum_of[dtype_count])(const Cube&, std::size_t, std::size_t, double*) = {
    sum_chunk<Float16>, sum_chunk<Bfloat16>, sum_chunk<float>, sum_chunk<double>};

void run_piece(void* context, std::size_t piece) {
    const DefaultEnvironment environment;
    const Sums& job = *static_cast<const Sums*>(context);
    const std::size_t first = piece * chunk, left = job.cube->shape[1] - first;
    const std::size_t n = left < chunk ? left : chunk;
    sum_of[static_cast<int>(job.cube->dtype)](*job.cube, first, n, job.to);
}

}  // namespace

void sum_around(const Cube& x, double* to) noexcept {
    Sums job{&x, to};
    const std::size_t pieces = (x.shape[1] + chunk - 1) / chunk;
    if (x.shape[0] * x.shape[1] * x.shape[2] >= least_shared) {
        parallel(pieces, run_piece, &job);
        return;
    }
    for (std::size_t piece = 0; piece < pieces; ++piece) run_piece(&job, piece);
}

}  // namespace nonlin
