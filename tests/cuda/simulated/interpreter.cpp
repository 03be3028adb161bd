#include "interpreter.h"

#include <cstdlib>
#include <deque>
#include <numeric>

#include "simulated.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;
const int warpSize = simulated::lanes_per_warp;

namespace simulated {

const Grid* grid;
std::vector<Block> blocks;
std::vector<Warp> warps;
std::vector<unsigned> ready;
unsigned alive;
unsigned at_warp, at_lane;
Fiber* running;

namespace {

std::uint64_t random_state = [] {
    const char* seed = std::getenv("NONLIN_SIMULATED_SEED");
    return seed ? std::strtoull(seed, nullptr, 0) : 0;
}();

std::uint32_t random_bits() {
    random_state = random_state * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::uint32_t>(random_state >> 32);
}
std::uint64_t random_below(std::uint64_t end) {
    const std::uint64_t high = random_bits();
    return (high << 32 | random_bits()) % end;
}

// All of 0 ... count - 1 in a pseudo-random order, without a list: steps prime to count.
class Order {
public:
    explicit Order(std::uint64_t of) : count(of), at(random_below(of)), step(1 + random_below(of)) {
        while (std::gcd(step, count) != 1) ++step;
        step %= count;
    }
    std::uint64_t next() {
        const std::uint64_t result = at;
        at += step;
        if (at >= count) at -= count;
        return result;
    }

private:
    std::uint64_t count, at, step;
};

std::deque<Fiber> fibers;  // which stay where they are
std::vector<Fiber*> idle;
Context host;  // of run()

// Chooses the next thread. Mostly it is of the same warp: one that runs far ahead of the others
// shows a missing barrier, and needs few stacks.
bool choose() {
    const std::uint32_t random = random_bits();
    if (ready[at_warp] == 0 || random % 128 == 0) {
        const unsigned count = static_cast<unsigned>(ready.size());
        unsigned candidate = random / 128 % count;
        for (unsigned n = 1; n < count && ready[candidate] == 0; ++n) {
            candidate = candidate + 1 == count ? 0 : candidate + 1;
        }
        if (ready[candidate] == 0) return false;
        at_warp = candidate;
    }
    const unsigned lanes = ready[at_warp], turn = random >> 27;
    const unsigned later = lanes >> turn << turn;
    at_lane = static_cast<unsigned>(__builtin_ctz(later != 0 ? later : lanes));
    ready[at_warp] = lanes & ~(1u << at_lane);
    return true;
}

// What the chosen thread reads.
void take_turn() {
    const Warp& warp = warps[at_warp];
    blockIdx = blocks[warp.block].index;
    threadIdx = index_in(blockDim, warp.first_thread + at_lane);
}

bool has_begun() { return warps[at_warp].has_fiber >> at_lane & 1; }

Fiber* its_fiber() {
    warps[at_warp].has_fiber &= ~(1u << at_lane);
    return warps[at_warp].fiber[at_lane];
}

// One thread after the other, as long as those that are chosen have not begun.
void run_threads() {
    for (;;) {
        grid->thread();
        running->copies.clear();
        running->batches = 0;
        leave();
        const bool chosen = choose();
        if (!chosen && alive > 0) stuck();
        if (chosen) {
            take_turn();
            if (!has_begun()) continue;
        }
        Fiber* ended = running;
        idle.push_back(ended);
        if (chosen) running = its_fiber();
        switch_context(ended->context, chosen ? running->context : host);
    }
}

Fiber* idle_fiber() {
    if (idle.empty()) {
        make_context(fibers.emplace_back().context, run_threads);
        return &fibers.back();
    }
    Fiber* fiber = idle.back();
    idle.pop_back();
    return fiber;
}

void begin(Block& block, std::uint64_t position) {
    const std::size_t n = static_cast<std::size_t>(&block - blocks.data());
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    block = {};
    block.index = index_in(gridDim, position);
    block.warps = (threads + lanes_per_warp - 1) / lanes_per_warp;
    block.first_warp = static_cast<unsigned>(n) * block.warps;
    block.alive = threads;
    block.shared = shared_memory(n, grid->shared_bytes);
    for (unsigned i = 0; i < block.warps; ++i) {
        Warp& warp = warps[block.first_warp + i];
        const unsigned first = i * lanes_per_warp;
        const unsigned lanes =
            threads - first < lanes_per_warp ? (1u << (threads - first)) - 1 : ~0u;
        warp.block = static_cast<unsigned>(n);
        warp.first_thread = first;
        warp.exited = ~lanes;  // nobody waits for what the block lacks
        warp.has_fiber = warp.at_block = warp.at_grid = warp.groups = 0;
        ready[block.first_warp + i] = lanes;
    }
    alive += threads;
}

}  // namespace

void seed(std::uint64_t value) { random_state = value; }

void wait() {
    Fiber* from = running;
    warps[at_warp].fiber[at_lane] = from;
    warps[at_warp].has_fiber |= 1u << at_lane;
    if (!choose()) stuck();
    take_turn();
    running = has_begun() ? its_fiber() : idle_fiber();
    if (running != from) switch_context(from->context, running->context);
}

void run(const Grid& runs) {
    grid = &runs;
    gridDim = runs.blocks;
    blockDim = runs.threads;
    const std::uint64_t count = std::uint64_t{gridDim.x} * gridDim.y * gridDim.z;
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    blocks.resize(runs.cooperative ? count : 1);
    const std::size_t all = blocks.size() * ((threads + lanes_per_warp - 1) / lanes_per_warp);
    if (warps.size() < all) warps.resize(all);
    ready.resize(all);

    Order order(count);
    for (std::uint64_t done = 0; done < count; done += blocks.size()) {
        for (Block& block : blocks) begin(block, order.next());
        at_warp = 0;
        choose();
        take_turn();
        running = idle_fiber();
        switch_context(host, running->context);
    }
}

}  // namespace simulated
