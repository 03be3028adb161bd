// The grid that runs, one at a time: its threads, whose turn it is, and who waits for whom. What
// the threads themselves call is in device.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "device.h"
#include "device_limits.h"
#include "fibers.h"
#include "vectors.h"

namespace simulated {

struct Grid {
    dim3 blocks, threads;
    std::size_t shared_bytes;
    bool cooperative;  // all blocks live together, and may wait for one another
    std::function<void()> thread;
};

// By one host thread at a time.
void run(const Grid& grid);

struct Copy {
    void* to;
    const void* from;
    std::size_t size, zeros, batch;
};

// Where a thread of the grid runs, and after its end another.
struct Fiber {
    Context context;
    std::vector<Copy> copies;  // that its thread has not waited for
    std::size_t batches = 0;   // that its thread has committed
};

// Lanes that wait for one another.
struct Group {
    Meeting meeting;
    unsigned mask, arrived;
};

// Lanes are bits.
struct Warp {
    unsigned block, first_thread;
    unsigned has_fiber;  // the others have not begun, or have ended
    unsigned exited, at_block, at_grid;
    unsigned groups;
    Fiber* fiber[lanes_per_warp];
    std::uint64_t value[lanes_per_warp], result[lanes_per_warp];
    unsigned source[lanes_per_warp];
    Group group[lanes_per_warp];
};

struct Block {
    uint3 index;
    unsigned first_warp, warps;
    unsigned alive, waiting;
    int votes, result;
    Meeting meeting;
    char* shared;
};

extern const Grid* grid;
extern std::vector<Block> blocks;    // that live
extern std::vector<Warp> warps;      // theirs
extern std::vector<unsigned> ready;  // the lanes of every warp that can run
extern unsigned alive;               // threads

extern unsigned at_warp, at_lane;  // the thread that runs
extern Fiber* running;             // where

// The running thread cannot go on; returns when it can.
void wait();
// The running thread has ended: nobody waits for it any longer.
void leave();
// No thread can go on.
[[noreturn]] void stuck();

const char* name(Meeting meeting);
inline uint3 index_in(const dim3& extents, std::uint64_t position) {
    if (position < extents.x) return {static_cast<unsigned>(position), 0, 0};
    const std::uint64_t row = position / extents.x;
    return {static_cast<unsigned>(position % extents.x), static_cast<unsigned>(row % extents.y),
            static_cast<unsigned>(row / extents.y)};
}
// Memory for the nth block that lives, filled with 0xFF.
char* shared_memory(std::size_t n, std::size_t bytes);

}  // namespace simulated
