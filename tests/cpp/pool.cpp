// The thread pool: every piece exactly once, whoever calls, however often, forked or not.
#include "parallel.h"

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nonlin/core.h>

#include "check.h"

namespace {

struct Counts {
    explicit Counts(std::size_t n) : pieces(n), done(new std::atomic<int>[n]) {
        for (std::size_t i = 0; i < n; ++i) done[i] = 0;
    }
    void run() {
        nonlin::parallel(
            pieces,
            [](void* self, std::size_t piece) {
                Counts& counts = *static_cast<Counts*>(self);
                if (piece < counts.pieces)
                    counts.done[piece].fetch_add(1);
                else
                    counts.outside = true;
            },
            this);
    }
    bool all(int times) const {
        for (std::size_t i = 0; i < pieces; ++i) {
            if (done[i] != times) return false;
        }
        return !outside;
    }
    std::size_t pieces;
    std::unique_ptr<std::atomic<int>[]> done;
    std::atomic<bool> outside{false};
};

bool once(std::size_t pieces) {
    Counts counts(pieces);
    counts.run();
    return counts.all(1);
}

void sizes() {
    for (const int threads : {1, 2, 3, 8, 100}) {
        nonlin::set_num_threads(threads);
        for (const std::size_t pieces : {0, 1, 2, 3, 7, 100, 5000}) {
            CHECK(once(pieces), "%zu pieces, %d threads", pieces, threads);
        }
    }
    nonlin::set_num_threads(4);
    Counts counts(3);
    for (int i = 1; i <= 3000; ++i) counts.run();
    CHECK(counts.all(3000), "short jobs one after another");
}

void many_callers() {
    nonlin::set_num_threads(4);
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
        callers.emplace_back([] {
            for (int k = 0; k < 300; ++k) CHECK(once(40), "job %d", k);
        });
    }
    for (std::thread& caller : callers) caller.join();
}

// A task that is itself a parallel job: its helpers are busy, so it runs where it is.
void nested() {
    struct Task {
        static void outer(void* context, std::size_t) { nonlin::parallel(20, inner, context); }
        static void inner(void* context, std::size_t) {
            static_cast<std::atomic<int>*>(context)->fetch_add(1);
        }
    };
    std::atomic<int> count{0};
    for (int k = 0; k < 50; ++k) nonlin::parallel(30, Task::outer, &count);
    CHECK(count == 50 * 30 * 20, "%d inner pieces", count.load());
}

// Whether a forked child that works succeeds; one that hangs does not.
template <class Work>
bool in_child(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(60);
        _exit(work() ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void forks() {
    nonlin::set_num_threads(4);
    for (int k = 0; k < 20; ++k) {
        CHECK(once(100), "before fork %d", k);
        CHECK(in_child([] { return once(100) && once(7); }), "child %d", k);
        CHECK(once(100), "after fork %d", k);
    }
    CHECK(in_child([] { return once(50) && in_child([] { return once(50); }); }), "grandchild");

    std::atomic<bool> stop{false};
    std::thread busy([&] {
        while (!stop) CHECK(once(200), "while another thread forks");
    });
    for (int k = 0; k < 100; ++k) {
        CHECK(in_child([] { return once(100); }), "fork %d while the pool works", k);
    }
    stop = true;
    busy.join();
}

// A caller that is cancelled while it waits for its helpers waits until they are done.
void cancelled() {
    static std::atomic<int> begun, ended;
    nonlin::set_num_threads(3);
    for (int k = 0; k < 20; ++k) {
        pthread_t caller;
        const auto body = [](void*) -> void* {
            static const auto slow = [](void* self, std::size_t) {
                const bool helps =
                    pthread_equal(pthread_self(), *static_cast<pthread_t*>(self)) == 0;
                if (helps) std::this_thread::sleep_for(std::chrono::milliseconds(4));
            };
            for (pthread_t self = pthread_self();;) {
                ++begun;
                nonlin::parallel(3000, slow, &self);
                ++ended;
                pthread_testcancel();
            }
        };
        pthread_create(&caller, nullptr, body, nullptr);
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
        pthread_cancel(caller);
        void* result = nullptr;
        pthread_join(caller, &result);
        CHECK(result == PTHREAD_CANCELED, "the thread ended otherwise");
        CHECK(begun == ended, "%d jobs begun, %d ended", begun.load(), ended.load());
        CHECK(once(500), "after a thread was cancelled");
    }
}

// Helpers have the CPUs and the priority of the process and take no signals, also where they are
// started by a thread that is bound to one CPU and, where that is allowed, has a real-time
// priority.
bool helpers_are_ordinary() {
    static cpu_set_t process;
    static std::atomic<int> seen, good;
    static thread_local bool calls = false;
    if (sched_getaffinity(getpid(), sizeof process, &process) != 0) return true;
    const sched_param none{};
    sched_setscheduler(0, SCHED_BATCH, &none);  // which helpers keep, if their caller has it
    for (const bool real_time : {false, true}) {
        if (!in_child([real_time] {
                std::thread([real_time] {
                    cpu_set_t one;
                    CPU_ZERO(&one);
                    int first = 0;
                    while (!CPU_ISSET(first, &process)) ++first;
                    CPU_SET(first, &one);
                    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
                    sched_param least{};
                    least.sched_priority = sched_get_priority_min(SCHED_FIFO);
                    const bool first_of_all =
                        real_time && sched_setscheduler(0, SCHED_FIFO, &least) == 0;
                    static int expected;
                    expected = first_of_all ? SCHED_OTHER : SCHED_BATCH;
                    calls = true;
                    nonlin::set_num_threads(3);
                    for (int k = 0; k < 1000 && seen == 0; ++k) {
                        nonlin::parallel(
                            10,
                            [](void*, std::size_t) {
                                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                                if (calls) return;
                                cpu_set_t here;
                                sigset_t blocked;
                                pthread_getaffinity_np(pthread_self(), sizeof here, &here);
                                pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
                                ++seen;
                                good += CPU_EQUAL(&here, &process) &&
                                        sched_getscheduler(0) == expected &&
                                        sigismember(&blocked, SIGTERM) == 1 &&
                                        sigismember(&blocked, SIGSEGV) == 0;
                            },
                            nullptr);
                    }
                }).join();
                return seen > 0 && good == seen;
            })) {
            return false;
        }
    }
    return true;
}

// A number that one thread sets while another asks for the default is kept.
bool numbers_are_kept() {
    std::atomic<bool> start{false};
    std::thread other([&] {
        while (!start) {
        }
        nonlin::set_num_threads(7);
    });
    start = true;
    nonlin::num_threads();
    other.join();
    return nonlin::num_threads() == 7;
}

}  // namespace

int main() {
    // ThreadSanitizer cannot follow these.
    if (!check::thread_sanitizer) {
        CHECK(in_child(helpers_are_ordinary), "of a new process");
        // In children, which have not chosen yet.
        for (int k = 0; k < 200; ++k) CHECK(in_child(numbers_are_kept), "child %d", k);
        cancelled();
    }
    sizes();
    many_callers();
    nested();
    // ThreadSanitizer cannot follow a child that starts threads after its parent had some.
    if (!check::thread_sanitizer) forks();
    return check::result();
}
