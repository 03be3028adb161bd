// The thread pool: runs one task, cut into pieces, on the caller's thread and a few sleeping ones.
#pragma once

#include <cstddef>

namespace nonlin {

// Large arrays are cut into pieces of at least this many elements, a whole number of memory pages
// for every dtype. A call for no more of them uses neither threads nor memory of the heap.
constexpr std::size_t piece_size = std::size_t{1} << 15;

// Calls task(context, piece) for every piece in [0, pieces), on up to num_threads() threads, and
// returns when all are done. Where no helper can start, or a call is using them already, the caller
// does all the work. Survives fork: a child starts its own helpers.
void parallel(std::size_t pieces, void (*task)(void* context, std::size_t piece),
              void* context) noexcept;

}  // namespace nonlin
