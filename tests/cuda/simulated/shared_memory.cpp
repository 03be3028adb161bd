// Shared memory, and the copies from global memory into it.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>

#include "interpreter.h"

namespace simulated {
namespace {

// The end of a block's memory, behind which nothing can be touched; kept for later grids.
char* shared_end(std::size_t n) {
    constexpr std::size_t page = 4096, bytes = shared_per_multiprocessor;
    static_assert(bytes % page == 0 && bytes >= shared_optin);
    static std::vector<char*> ends;
    while (ends.size() <= n) {
        void* memory = mmap(nullptr, page + bytes + page, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        char* begin = static_cast<char*>(memory) + page;
        if (memory == MAP_FAILED || mprotect(begin, bytes, PROT_READ | PROT_WRITE) != 0) {
            std::perror("simulated CUDA: shared memory");
            std::abort();
        }
        ends.push_back(begin + bytes);
    }
    return ends[n];
}

}  // namespace

char* shared_memory(std::size_t n, std::size_t bytes) {
    char* memory = shared_end(n) - (bytes + 15) / 16 * 16;
    std::memset(memory, 0xff, bytes);
    return memory;
}

char* dynamic_shared_memory() { return blocks[warps[at_warp].block].shared; }

void copy_async(void* to, const void* from, std::size_t size, std::size_t zeros) {
    const auto target = reinterpret_cast<std::uintptr_t>(to);
    const auto source = reinterpret_cast<std::uintptr_t>(from);
    const auto shared = reinterpret_cast<std::uintptr_t>(dynamic_shared_memory());
    if ((size != 4 && size != 8 && size != 16) || zeros > size) {
        fail("asynchronous copy of %zu bytes, %zu of them zeros", size, zeros);
    }
    if (target % size != 0) fail("asynchronous copy of %zu bytes to %p", size, to);
    if (source % size != 0) fail("asynchronous copy of %zu bytes from %p", size, from);
    if (target < shared || target + size > shared + grid->shared_bytes) {
        fail("asynchronous copy to %p, which is not shared memory", to);
    }
    if (source - shared < grid->shared_bytes) {
        fail("asynchronous copy from %p, which is not global memory", from);
    }
    std::memset(to, 0xff, size);
    running->copies.push_back({to, from, size, zeros, running->batches});
}

void commit_copies() { ++running->batches; }

void wait_for_copies(std::size_t but_newest) {
    auto& copies = running->copies;
    std::size_t done = 0;
    while (done < copies.size() && copies[done].batch + but_newest < running->batches) {
        const Copy& copy = copies[done++];
        const std::size_t bytes = copy.size - copy.zeros;
        std::memcpy(copy.to, copy.from, bytes);
        std::memset(static_cast<char*>(copy.to) + bytes, 0, copy.zeros);
    }
    copies.erase(copies.begin(), copies.begin() + static_cast<std::ptrdiff_t>(done));
}

}  // namespace simulated
