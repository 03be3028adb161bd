// Checks for the test programs: a failed one says where it stands, and the program's exit status
// says whether there were any.
#pragma once

#include <atomic>
#include <cstdio>

namespace check {

inline std::atomic<long> failures{0};

constexpr int skipped = 77;  // CTest's SKIP_RETURN_CODE

#if defined(__SANITIZE_THREAD__)
constexpr bool thread_sanitizer = true;
#else
constexpr bool thread_sanitizer = false;
#endif
#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;  // slow, and with an allocator of its own
#else
constexpr bool sanitized = thread_sanitizer;
#endif

// True for the first few failures, which are worth a line each.
inline bool report() { return failures.fetch_add(1) < 20; }

inline int result() {
    const long count = failures.load();
    if (count > 0) std::fprintf(stderr, "%ld checks failed\n", count);
    return count > 0;
}

}  // namespace check

// CHECK(condition, format, arguments ...): the format tells what the condition alone does not.
#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition) && check::report()) {                                                     \
            std::fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                   \
            std::fprintf(stderr, __VA_ARGS__);                                                     \
            std::fputc('\n', stderr);                                                              \
        }                                                                                          \
    } while (false)
