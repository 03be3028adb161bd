// What a test can ask the simulation and set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host.h"
#include "vectors.h"

namespace simulated {

struct Launch {
    const void* kernel = nullptr;
    int device = -1;
    cudaStream_t stream = nullptr;
    dim3 grid, block;
    std::size_t shared_bytes = 0;
    bool cooperative = false;
};

// The launch that ran last, and how many ran so far, those of replayed graphs included. One that
// failed or was only recorded did not run.
Launch last_launch();
std::size_t launches();

// Successful cudaMallocs so far, and how many of them have not been freed.
std::size_t allocations();
std::size_t live_allocations();

// Begins another pseudo-random order; NONLIN_SIMULATED_SEED sets the first.
void seed(std::uint64_t value);

}  // namespace simulated
