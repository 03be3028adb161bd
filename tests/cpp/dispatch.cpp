// The choice of the instruction set: what is offered, what the environment asks for, and a first
// call that several threads make at once.
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <nonlin/core.h>

#include "check.h"

namespace {

bool equal(const char* a, const char* b) { return std::strcmp(a, b) == 0; }

bool offered(const char* name) {
    for (const char* const* isa = nonlin::available_isas(); *isa != nullptr; ++isa) {
        if (equal(*isa, name)) return true;
    }
    return false;
}

// Runs the test in a child whose first call to the library it makes.
template <class Test>
void with_variable(const char* value, Test test) {
    const pid_t child = fork();
    if (child == 0) {
        if (value == nullptr) {
            unsetenv("NONLIN_ISA");
        } else {
            setenv("NONLIN_ISA", value, 1);
        }
        test();
        _exit(check::result());
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "with NONLIN_ISA=%s",
          value == nullptr ? "(unset)" : value);
}

void unset() {
    const char* const* last = nonlin::available_isas();
    CHECK(*last != nullptr, "none available");
    while (last[1] != nullptr) ++last;
    CHECK(equal(*last, "scalar"), "the last resort is %s", *last);
    CHECK(nonlin::isa_error() == nullptr, "%s", nonlin::isa_error());
    CHECK(!offered("avx512") || offered("avx2"), "AVX-512 without AVX2");
    const char* const best = offered("avx512") ? "avx512" : offered("avx2") ? "avx2" : "scalar";
    CHECK(equal(nonlin::isa(), best), "%s", nonlin::isa());
}

void setting() {
    const char* const before = nonlin::isa();
    for (const char* wrong : {"", "sse2", "AVX2", "avx2 ", "scalar,avx2", "avx5120"}) {
        CHECK(!nonlin::set_isa(wrong), "accepted '%s'", wrong);
        CHECK(nonlin::isa() == before, "'%s' changed it to %s", wrong, nonlin::isa());
    }
    for (const char* name : {"avx512", "avx2", "scalar"}) {
        CHECK(nonlin::set_isa(name) == offered(name), "%s", name);
        if (offered(name)) CHECK(equal(nonlin::isa(), name), "%s", name);
    }
    CHECK(nonlin::isa_error() == nullptr, "%s", nonlin::isa_error());
}

void from_environment() {
    for (const char* name : {"avx512", "avx2", "scalar", "neon", "nonsense", "SCALAR", "0"}) {
        with_variable(name, [name] {
            if (offered(name)) {
                CHECK(equal(nonlin::isa(), name), "it is %s", nonlin::isa());
                CHECK(nonlin::isa_error() == nullptr, "%s", nonlin::isa_error());
            } else {
                const char* const error = nonlin::isa_error();
                CHECK(error != nullptr && equal(error, name), "%s", error ? error : "no error");
                CHECK(offered(nonlin::isa()), "it is %s", nonlin::isa());
            }
        });
    }
    with_variable("", [] { CHECK(nonlin::isa_error() == nullptr, "%s", nonlin::isa_error()); });
    with_variable(nullptr, unset);
    with_variable(nullptr, setting);
}

void first_call_by_all() {
    std::atomic<bool> start{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&start, i] {
            while (!start) std::this_thread::yield();
            CHECK(offered(nonlin::isa()), "%s", nonlin::isa());
            if (i % 2 == 0) CHECK(nonlin::set_isa("scalar"), "thread %d", i);
        });
    }
    start = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(equal(nonlin::isa(), "scalar"), "%s", nonlin::isa());
}

}  // namespace

int main() {
    from_environment();  // in children: this process has not chosen yet
    unsetenv("NONLIN_ISA");
    first_call_by_all();
    return check::result();
}
