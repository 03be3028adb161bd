// Checks for the test programs: a failed one says where it stands, and the program's exit status
// says whether there were any.
#pragma once

#include <atomic>
#include <cstdio>

namespace check {

inline std::atomic<long> failures{0};

constexpr int skipped = 77;  // CTest's SKIP_RETURN_CODE

constexpr bool sanitized =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#else
    false;
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
