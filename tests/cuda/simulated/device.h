// What a kernel calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "vectors.h"

// Of the thread that runs now.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
extern const int warpSize;

namespace simulated {

// Where threads wait for one another.
enum class Meeting {
    shfl_sync,
    shfl_up_sync,
    shfl_down_sync,
    shfl_xor_sync,
    any_sync,
    all_sync,
    ballot_sync,
    syncwarp,
    syncthreads,
    syncthreads_or,
    syncthreads_and,
    syncthreads_count,
    grid_sync
};

// Waits for the lanes of the mask. The value is what the source lane brought, or what the vote is.
std::uint64_t meet_lanes(Meeting, unsigned mask, std::uint64_t value = 0, unsigned source = 0);
// Waits for the threads of the block that have not exited: how many of them say yes.
int meet_block(Meeting, bool yes = false);
void meet_grid();
unsigned lane();

// Filled with 0xFF bytes, NaN, before every block. It begins at a multiple of 16 bytes and ends, to
// within 16 bytes, at a page that cannot be touched.
char* dynamic_shared_memory();

// The destination holds NaN from the call to the wait, when it is copied: neither a thread that
// still reads what it held nor one that does not wait gets away with it.
void copy_async(void* to, const void* from, std::size_t size, std::size_t zeros);
void commit_copies();
void wait_for_copies(std::size_t but_newest);

// Says where the running thread stands, and ends the program.
[[noreturn, gnu::format(printf, 1, 2)]] void fail(const char* format, ...);

// A device refuses an address that is not a multiple of what it loads.
template <class T>
T* aligned(T* address) {
    if (reinterpret_cast<std::uintptr_t>(address) % alignof(T) != 0) {
        fail("misaligned address %p for %zu bytes", static_cast<const void*>(address), sizeof(T));
    }
    return address;
}

template <class T>
T shuffle(Meeting kind, unsigned mask, T value, unsigned source) {
    static_assert(std::is_arithmetic_v<T> && sizeof(T) >= 4 && sizeof(T) <= 8,
                  "CUDA shuffles int, long, long long, their unsigned types, float and double");
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = meet_lanes(kind, mask, bits, source);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// The first lane of this lane's section of the warp.
inline unsigned section(int width) {
    if (width < 1 || width > 32 || (width & (width - 1)) != 0) fail("a shuffle of width %d", width);
    return lane() & ~(static_cast<unsigned>(width) - 1);
}

}  // namespace simulated

// As the instruction shfl does it: five bits of the operand count, a lane past the end of the
// section gets its own value, and only xor may reach an earlier section.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    const unsigned first = simulated::section(width);
    return simulated::shuffle(simulated::Meeting::shfl_sync, mask, value,
                              first + (static_cast<unsigned>(source) & (width - 1)));
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const unsigned first = simulated::section(width), lane = simulated::lane();
    return simulated::shuffle(simulated::Meeting::shfl_up_sync, mask, value,
                              lane - first >= delta % 32 ? lane - delta % 32 : lane);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const unsigned end = simulated::section(width) + width, lane = simulated::lane();
    return simulated::shuffle(simulated::Meeting::shfl_down_sync, mask, value,
                              lane + delta % 32 < end ? lane + delta % 32 : lane);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32) {
    const unsigned end = simulated::section(width) + width, lane = simulated::lane();
    const unsigned source = lane ^ (static_cast<unsigned>(lane_mask) % 32);
    return simulated::shuffle(simulated::Meeting::shfl_xor_sync, mask, value,
                              source < end ? source : lane);
}

inline int __any_sync(unsigned mask, int predicate) {
    return simulated::meet_lanes(simulated::Meeting::any_sync, mask, predicate != 0) != 0;
}
inline int __all_sync(unsigned mask, int predicate) {
    return simulated::meet_lanes(simulated::Meeting::all_sync, mask, predicate == 0) == 0;
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
    return static_cast<unsigned>(
        simulated::meet_lanes(simulated::Meeting::ballot_sync, mask, predicate != 0));
}
inline void __syncwarp(unsigned mask = 0xffffffff) {
    simulated::meet_lanes(simulated::Meeting::syncwarp, mask);
}

inline void __syncthreads() { simulated::meet_block(simulated::Meeting::syncthreads); }
inline int __syncthreads_or(int predicate) {
    return simulated::meet_block(simulated::Meeting::syncthreads_or, predicate != 0) != 0;
}
inline int __syncthreads_and(int predicate) {
    return simulated::meet_block(simulated::Meeting::syncthreads_and, predicate == 0) == 0;
}
inline int __syncthreads_count(int predicate) {
    return simulated::meet_block(simulated::Meeting::syncthreads_count, predicate != 0);
}

// Threads switch only where they wait: no fence orders anything, and any update is atomic.
inline void __threadfence() {}
inline void __threadfence_block() {}

#define SIMULATED_ATOMIC_ADD(T)                                                                    \
    inline T atomicAdd(T* to, T value) {                                                           \
        const T before = *simulated::aligned(to);                                                  \
        *to = before + value;                                                                      \
        return before;                                                                             \
    }
SIMULATED_ATOMIC_ADD(int)
SIMULATED_ATOMIC_ADD(unsigned)
SIMULATED_ATOMIC_ADD(unsigned long long)
SIMULATED_ATOMIC_ADD(float)
SIMULATED_ATOMIC_ADD(double)
#undef SIMULATED_ATOMIC_ADD

#define SIMULATED_LOAD(name)                                                                       \
    template <class T>                                                                             \
    T name(const T* from) {                                                                        \
        return *simulated::aligned(from);                                                          \
    }
SIMULATED_LOAD(__ldg)
SIMULATED_LOAD(__ldca)
SIMULATED_LOAD(__ldcg)
SIMULATED_LOAD(__ldcs)
#undef SIMULATED_LOAD

#define SIMULATED_STORE(name)                                                                      \
    template <class T>                                                                             \
    void name(T* to, std::common_type_t<T> value) {                                                \
        *simulated::aligned(to) = value;                                                           \
    }
SIMULATED_STORE(__stcg)
SIMULATED_STORE(__stcs)
#undef SIMULATED_STORE
