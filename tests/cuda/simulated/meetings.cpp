// Where the threads of a grid wait for one another.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "interpreter.h"

namespace simulated {
namespace {

unsigned bit() { return 1u << at_lane; }

bool complete(const Warp& warp, const Group& group) {
    return (group.mask & ~(group.arrived | warp.exited)) == 0;
}

// The lanes go on, each with its result. It cannot be computed later: one that runs ahead may bring
// the next value before another has gone on.
void open(Warp& warp, Group& group) {
    const unsigned lanes = group.arrived;
    const bool vote = group.meeting >= Meeting::any_sync;
    unsigned votes = 0;
    for (unsigned lane = 0; vote && lane < lanes_per_warp; ++lane) {
        votes |= static_cast<unsigned>(warp.value[lane] != 0) << lane & lanes;
    }
    for (unsigned lane = 0; lane < lanes_per_warp; ++lane) {
        const unsigned source = warp.source[lane] % lanes_per_warp;
        const bool known = lanes >> source & 1;  // else undefined
        const std::uint64_t shuffled = known ? warp.value[source] : ~std::uint64_t{0};
        if (lanes >> lane & 1) warp.result[lane] = vote ? votes : shuffled;
    }
    ready[static_cast<std::size_t>(&warp - warps.data())] |= lanes;
    group = warp.group[--warp.groups];
}

Group& joined(Warp& warp, Meeting meeting, unsigned mask) {
    for (unsigned i = 0; i < warp.groups; ++i) {
        Group& group = warp.group[i];
        if ((group.mask & mask) == 0) continue;
        if (group.mask != mask || group.meeting != meeting) {
            fail("%s with the mask 0x%08x, while lanes 0x%08x wait at %s with the mask 0x%08x",
                 name(meeting), mask, group.arrived, name(group.meeting), group.mask);
        }
        return group;
    }
    Group& group = warp.group[warp.groups++];
    group = {meeting, mask, 0};
    return group;
}

void open(Block& block) {
    for (unsigned i = block.first_warp; i < block.first_warp + block.warps; ++i) {
        ready[i] |= warps[i].at_block;
        warps[i].at_block = 0;
    }
    block.result = block.votes;
    block.votes = 0;
    block.waiting = 0;
}

std::size_t grid_waiting = 0;  // threads

}  // namespace

unsigned lane() { return at_lane; }

std::uint64_t meet_lanes(Meeting meeting, unsigned mask, std::uint64_t value, unsigned source) {
    const unsigned lane = at_lane;
    Warp& warp = warps[at_warp];
    if ((mask & bit()) == 0) fail("%s with the mask 0x%08x, which lacks it", name(meeting), mask);
    Group& group = joined(warp, meeting, mask);
    group.arrived |= bit();
    warp.value[lane] = value;
    warp.source[lane] = source;
    if (complete(warp, group)) open(warp, group);
    wait();
    return warp.result[lane];
}

int meet_block(Meeting meeting, bool yes) {
    Block& block = blocks[warps[at_warp].block];
    if (block.waiting > 0 && block.meeting != meeting) {
        fail("%s, while others wait at %s", name(meeting), name(block.meeting));
    }
    block.meeting = meeting;
    block.votes += yes;
    warps[at_warp].at_block |= bit();
    if (++block.waiting == block.alive) open(block);
    wait();
    return block.result;
}

void meet_grid() {
    if (!grid->cooperative) fail("grid_sync in a launch that is not cooperative");
    warps[at_warp].at_grid |= bit();
    // A thread that has exited never comes: on a device too, the others wait for ever.
    if (++grid_waiting == blocks.size() * blockDim.x * blockDim.y * blockDim.z) {
        grid_waiting = 0;
        for (std::size_t i = 0; i < ready.size(); ++i) {
            ready[i] |= warps[i].at_grid;
            warps[i].at_grid = 0;
        }
    }
    wait();
}

void leave() {
    Warp& warp = warps[at_warp];
    Block& block = blocks[warp.block];
    warp.exited |= bit();
    for (unsigned i = warp.groups; i-- > 0;) {
        if (complete(warp, warp.group[i])) open(warp, warp.group[i]);
    }
    --alive;
    --block.alive;
    if (block.waiting > 0 && block.waiting == block.alive) open(block);
}

const char* name(Meeting meeting) {
    static const char* const names[] = {
        "__shfl_sync",   "__shfl_up_sync",   "__shfl_down_sync",  "__shfl_xor_sync",
        "__any_sync",    "__all_sync",       "__ballot_sync",     "__syncwarp",
        "__syncthreads", "__syncthreads_or", "__syncthreads_and", "__syncthreads_count",
        "grid_sync"};
    return names[static_cast<int>(meeting)];
}

void fail(const char* format, ...) {
    std::fprintf(stderr, "simulated CUDA: block (%u, %u, %u), thread (%u, %u, %u): ", blockIdx.x,
                 blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z);
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    std::fputc('\n', stderr);
    std::abort();
}

void stuck() {
    std::fprintf(stderr, "simulated CUDA: deadlock, all of the %u remaining threads wait\n", alive);
    int lines = 0;
    for (std::size_t i = 0; i < ready.size() && lines < 32; ++i) {
        const Warp& warp = warps[i];
        const auto report = [&](unsigned lanes, const char* format, auto... arguments) {
            if (lanes == 0) return;
            const uint3 block = blocks[warp.block].index;
            const uint3 thread = index_in(blockDim, warp.first_thread);
            std::fprintf(stderr,
                         "  block (%u, %u, %u), warp from thread (%u, %u, %u), lanes 0x%08x ",
                         block.x, block.y, block.z, thread.x, thread.y, thread.z, lanes);
            std::fprintf(stderr, format, arguments...);
            std::fputc('\n', stderr);
            ++lines;
        };
        report(warp.at_block, "wait at %s", name(blocks[warp.block].meeting));
        report(warp.at_grid, "wait at %s", name(Meeting::grid_sync));
        for (unsigned n = 0; n < warp.groups; ++n) {
            const Group& group = warp.group[n];
            report(group.arrived, "wait at %s for 0x%08x", name(group.meeting),
                   group.mask & ~(group.arrived | warp.exited));
        }
        const unsigned threads = blockDim.x * blockDim.y * blockDim.z - warp.first_thread;
        const unsigned lanes = threads < lanes_per_warp ? (1u << threads) - 1 : ~0u;
        report(warp.exited & lanes, "have ended");
    }
    std::abort();
}

}  // namespace simulated
