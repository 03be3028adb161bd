// run() over more elements than an int can count.
//
// The arrays of 8 GiB show one window of 1 MiB over and over; only behind element 2^31 they have
// memory of their own.
#include <algorithm>
#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

#include "calls.h"
#include "check.h"

using namespace calls;

namespace {

constexpr std::size_t window = std::size_t{1} << 20, per_window = window / sizeof(float);
constexpr std::size_t border = std::size_t{1} << 31, n = border + 17;
constexpr std::size_t bytes = border * sizeof(float) + window;

float* repeated_window() {
    const int file = memfd_create("window", 0);
    void* const all = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (file < 0 || ftruncate(file, window) != 0 || all == MAP_FAILED) std::exit(check::skipped);
    for (std::size_t at = 0; at + window < bytes; at += window) {
        if (mmap(static_cast<char*>(all) + at, window, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0) == MAP_FAILED) {
            std::exit(check::skipped);
        }
    }
    close(file);
    return static_cast<float*>(all);
}

std::size_t position_of(const char* name) {
    const nonlin::Activations all = nonlin::activations();
    for (std::size_t i = 0; i < all.count; ++i) {
        if (std::strcmp(all.first[i].name, name) == 0) return i;
    }
    std::abort();
}

void check_range(const float* x, const float* y, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
        CHECK(y[i] == std::max(x[i], 0.0f), "%g at %zu", static_cast<double>(y[i]), i);
    }
}

}  // namespace

int main() {
    if (check::sanitized) return check::skipped;  // their shadow memory would need gigabytes
    float *const x = repeated_window(), *const y = repeated_window();
    for (std::size_t i = 0; i < per_window; ++i) x[i] = static_cast<float>(i) - 1000;
    for (std::size_t i = border; i <= n; ++i) {
        x[i] = static_cast<float>(i - border) - 8;
        y[i] = -7;
    }
    const Function relu{position_of("relu"), Direction::value, Dtype::float32};
    const Array contiguous{y, 4}, backwards{y + n - 1, -4};
    nonlin::set_num_threads(1);  // each window is written 8192 times

    relu({}, {x, 4}, nullptr, &contiguous, n);
    check_range(x, y, 0, per_window);
    check_range(x, y, border, n);
    CHECK(y[n] == -7, "wrote %g behind the end", static_cast<double>(y[n]));

    std::fill(y + border, y + n, -7.0f);
    relu({}, {x + n - 1, -4}, nullptr, &backwards, n);
    check_range(x, y, 0, per_window);
    check_range(x, y, border, n);
    return check::result();
}
