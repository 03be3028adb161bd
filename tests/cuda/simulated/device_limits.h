// The simulated device: an H100.
#pragma once

#include <cstddef>

namespace simulated {

constexpr unsigned multiprocessors = 132;
constexpr unsigned blocks_per_multiprocessor = 2;  // at most; a real one has up to 32
constexpr unsigned threads_per_block = 1024;
constexpr unsigned lanes_per_warp = 32;
constexpr std::size_t shared_per_multiprocessor = 228 * 1024;
constexpr std::size_t shared_reserved = 1024;  // of it, for every block
constexpr std::size_t shared_per_block = 48 * 1024;
constexpr std::size_t shared_optin = shared_per_multiprocessor - shared_reserved;
constexpr std::size_t memory_bytes = std::size_t{8} << 30;  // an allocation beyond it fails

}  // namespace simulated
