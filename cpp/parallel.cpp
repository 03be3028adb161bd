#include "parallel.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <initializer_list>
#include <new>

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

struct Locked {
    pthread_mutex_t* const lock;

    explicit Locked(pthread_mutex_t& taken) : lock(&taken) { pthread_mutex_lock(lock); }
    ~Locked() { pthread_mutex_unlock(lock); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
};

// A caller that was cancelled halfway, where it waits or reads files, would leave its helpers with
// arrays that are gone.
struct NotCancelled {
    int before = PTHREAD_CANCEL_ENABLE;

    NotCancelled() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before); }
    ~NotCancelled() { pthread_setcancelstate(before, nullptr); }
    NotCancelled(const NotCancelled&) = delete;
    NotCancelled& operator=(const NotCancelled&) = delete;
};

// Where the caller has a CPU of its own, or a real-time priority, a helper is to have neither, but
// the CPUs of the process and the ordinary priority.
void make_ordinary(pthread_attr_t& attributes) noexcept {
    cpu_set_t process, here;
    if (cpus_of_process(process) && sched_getaffinity(0, sizeof here, &here) == 0 &&
        !CPU_EQUAL(&process, &here)) {
        pthread_attr_setaffinity_np(&attributes, sizeof process, &process);
    }
    const int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
    if (policy == SCHED_FIFO || policy == SCHED_RR) {
        pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    }
}

// Signals are for other threads, but for those of its own faults. False where there is no thread to
// be had.
bool start_thread(void* (*body)(void*), void* context) noexcept {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    make_ordinary(attributes);
    sigset_t others, before;
    sigfillset(&others);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) {
        sigdelset(&others, fault);
    }
    pthread_sigmask(SIG_SETMASK, &others, &before);
    pthread_t thread;
    int error = pthread_create(&thread, &attributes, body, context);
    // Some sandboxes refuse the choice of priority and CPUs.
    if (error == EPERM || error == EINVAL) {
        error = pthread_create(&thread, nullptr, body, context);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (error == 0) pthread_detach(thread);
    return error == 0;
}

// With the C library's threads, which throw nothing.
struct Pool {
    std::atomic_flag in_use = ATOMIC_FLAG_INIT;  // set by the thread whose job the pool runs

    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  // guards what follows
    pthread_cond_t job_posted = PTHREAD_COND_INITIALIZER, job_finished = PTHREAD_COND_INITIALIZER;
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

    [[noreturn]] void helper() noexcept {
        unsigned long seen = 0;
        pthread_mutex_lock(&lock);
        for (;;) {
            while (generation == seen || wanted == 0) pthread_cond_wait(&job_posted, &lock);
            seen = generation;
            --wanted;
            ++working;
            pthread_mutex_unlock(&lock);
            work();
            pthread_mutex_lock(&lock);
            if (--working == 0) pthread_cond_signal(&job_finished);
        }
    }

    // Starts helpers up to count; fewer where the system refuses.
    void grow(int count) noexcept {
        const auto body = [](void* pool) -> void* {
            pthread_setname_np(pthread_self(), "nonlin");
            static_cast<Pool*>(pool)->helper();
        };
        while (helpers < count && start_thread(body, this)) ++helpers;
    }

    void run(int threads) noexcept {
        {
            const Locked guard(lock);
            grow(threads - 1);
            wanted = threads - 1 < helpers ? threads - 1 : helpers;
            ++generation;
        }
        pthread_cond_broadcast(&job_posted);
        work();
        const Locked guard(lock);
        wanted = 0;  // nobody joins late
        while (working > 0) pthread_cond_wait(&job_finished, &lock);
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
        const int found = default_threads();
        // Unless another thread has chosen a number in the meantime.
        if (thread_count.compare_exchange_strong(count, found)) count = found;
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
    const NotCancelled whole;
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
