#include "parallel.h"

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>

#include <nonlin/core.h>

namespace nonlin {
namespace {

// The CPUs that affinity and the cgroup's quota (version 2) leave to this process.
int usable_cpus() {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0
                    ? CPU_COUNT(&set)
                    : static_cast<int>(std::thread::hardware_concurrency());
    if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
        long long quota, period;
        if (std::fscanf(file, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0) {
            const long long cpus = (quota + period - 1) / period;
            if (cpus < count) count = static_cast<int>(cpus);
        }
        std::fclose(file);
    }
    return count > 1 ? count : 1;
}

constexpr int most_threads = 256;

int default_threads() {
    if (const char* asked = std::getenv("NONLIN_NUM_THREADS")) {
        char* end;
        const long count = std::strtol(asked, &end, 10);
        if (end != asked && *end == '\0' && count >= 1) {
            return count < most_threads ? static_cast<int>(count) : most_threads;
        }
    }
    return usable_cpus();
}

std::atomic<int> thread_count{0};  // 0: not decided yet

struct Pool {
    std::mutex in_use;  // held by the thread whose job the pool runs

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

Pool& pool() {
    static const bool made = (renew(), pthread_atfork(nullptr, nullptr, renew), true);
    static_cast<void>(made);
    return *std::launder(reinterpret_cast<Pool*>(storage));
}

}  // namespace

int num_threads() noexcept {
    int count = thread_count.load(std::memory_order_relaxed);
    if (count == 0) {
        count = default_threads();
        thread_count.store(count, std::memory_order_relaxed);
    }
    return count;
}

void set_num_threads(int count) noexcept {
    if (count <= 0) count = default_threads();
    thread_count.store(count < most_threads ? count : most_threads, std::memory_order_relaxed);
}

void parallel(std::size_t pieces, void (*task)(void*, std::size_t), void* context) noexcept {
    const std::size_t limit = static_cast<std::size_t>(num_threads());
    const int threads = static_cast<int>(pieces < limit ? pieces : limit);
    Pool& p = pool();
    if (threads > 1 && p.in_use.try_lock()) {
        p.task = task;
        p.context = context;
        p.pieces = pieces;
        p.next.store(0, std::memory_order_relaxed);
        p.run(threads);
        p.in_use.unlock();
        return;
    }
    for (std::size_t piece = 0; piece < pieces; ++piece) task(context, piece);
}

}  // namespace nonlin
