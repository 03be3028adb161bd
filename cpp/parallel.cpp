#include "parallel.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>

#include <nonlin/core.h>

#include "usable_cpus.h"

namespace nonlin {
namespace {

constexpr int most_threads = 256;

// A number of threads as NONLIN_NUM_THREADS may give it; -1: it is none.
int parsed(const char* text) {
    char* end;
    const long count = std::strtol(text, &end, 10);
    if (end == text || *end != '\0' || count < 0) return -1;
    return count < most_threads ? static_cast<int>(count) : most_threads;
}

int default_threads() {
    const char* const asked = std::getenv("NONLIN_NUM_THREADS");
    const int count = asked != nullptr ? parsed(asked) : 0;
    return count > 0 ? count : usable_cpus();
}

std::atomic<int> thread_count{0};  // 0: not decided yet

struct Pool {
    std::atomic_flag in_use = ATOMIC_FLAG_INIT;  // set by the thread whose job the pool runs

    std::mutex lock;  // guards what follows
    std::condition_variable job_posted, job_finished;
    int helpers = 0;
    unsigned long generation = 0;  // counts jobs
    int wanted = 0;                // helpers that may still join the current job
    int working = 0;
    void (*task)(void*, std::size_t) = nullptr;
    void* context = nullptr;
    std::size_t pieces = 0;
    std::atomic<std::size_t> next{0};

    void work() noexcept {
        for (;;) {
            const std::size_t piece = next.fetch_add(1, std::memory_order_relaxed);
            if (piece >= pieces) return;
            task(context, piece);
        }
    }

    void helper() noexcept {
        unsigned long seen = 0;
        std::unique_lock<std::mutex> guard(lock);
        for (;;) {
            job_posted.wait(guard, [&] { return generation != seen && wanted > 0; });
            seen = generation;
            --wanted;
            ++working;
            guard.unlock();
            work();
            guard.lock();
            if (--working == 0) job_finished.notify_one();
        }
    }

    // Starts helpers up to count; fewer where the system refuses.
    void grow(int count) noexcept {
        while (helpers < count) {
            try {
                std::thread([this] { helper(); }).detach();
            } catch (...) {  // no thread to be had, or no memory for one
                return;
            }
            ++helpers;
        }
    }

    void run(int threads) noexcept {
        {
            std::lock_guard<std::mutex> guard(lock);
            grow(threads - 1);
            wanted = threads - 1 < helpers ? threads - 1 : helpers;
            ++generation;
        }
        job_posted.notify_all();
        work();
        std::unique_lock<std::mutex> guard(lock);
        wanted = 0;  // nobody joins late
        job_finished.wait(guard, [&] { return working == 0; });
    }
};

// Never destroyed: helpers sleep in it until the process ends. A forked child, which has no helpers
// and perhaps locks that nobody will release, makes a new one in the same place.
alignas(Pool) unsigned char storage[sizeof(Pool)];

void renew() { new (storage) Pool; }

// When the library is loaded, before other initialisers, so that nobody forks or calls halfway
// through it.
[[gnu::constructor(101)]] void prepare() {
    renew();
    pthread_atfork(nullptr, nullptr, renew);
}

Pool& pool() { return *std::launder(reinterpret_cast<Pool*>(storage)); }

}  // namespace

int num_threads() noexcept {
    int count = thread_count.load(std::memory_order_relaxed);
    if (count == 0) {
        count = default_threads();
        thread_count.store(count, std::memory_order_relaxed);
    }
    return count;
}

const char* num_threads_error() noexcept {
    const char* const asked = std::getenv("NONLIN_NUM_THREADS");
    return asked != nullptr && *asked != '\0' && parsed(asked) < 0 ? asked : nullptr;
}

void set_num_threads(int count) noexcept {
    if (count <= 0) count = default_threads();
    thread_count.store(count < most_threads ? count : most_threads, std::memory_order_relaxed);
}

void parallel(std::size_t pieces, void (*task)(void*, std::size_t), void* context) noexcept {
    const std::size_t limit = static_cast<std::size_t>(num_threads());
    const int threads = static_cast<int>(pieces < limit ? pieces : limit);
    Pool& p = pool();
    if (threads > 1 && !p.in_use.test_and_set(std::memory_order_acquire)) {
        p.task = task;
        p.context = context;
        p.pieces = pieces;
        p.next.store(0, std::memory_order_relaxed);
        p.run(threads);
        p.in_use.clear(std::memory_order_release);
        return;
    }
    for (std::size_t piece = 0; piece < pieces; ++piece) task(context, piece);
}

}  // namespace nonlin
