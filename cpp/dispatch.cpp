#include "dispatch.h"

#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <nonlin/core.h>

#include "cpu_features.h"

namespace nonlin {
namespace {

struct Implementation {
    const KernelTable* kernels;
    bool (*runs_on)(CpuFeatures);
};

// Best first.
constexpr Implementation implementations[] = {
    {&kernels_avx512, [](CpuFeatures f) { return f.avx512; }},
    {&kernels_avx2, [](CpuFeatures f) { return f.avx2_fma; }},
    {&kernels_scalar, [](CpuFeatures) { return true; }},
};
constexpr int implementation_count = sizeof implementations / sizeof *implementations;
static_assert(implementation_count == isa_count);

// Found at the first call; then all of it stays as it is.
struct Available {
    const char* names[implementation_count + 1];  // then nullptr
    const KernelTable* tables[implementation_count];
    char rejected[64];  // a copy: the environment may change
} available;

std::atomic<const KernelTable*> active{nullptr};

bool activate(const char* name) {
    for (int i = 0; available.names[i] != nullptr; ++i) {
        if (std::strcmp(available.names[i], name) == 0) {
            active = available.tables[i];
            return true;
        }
    }
    return false;
}

void find() {
    const CpuFeatures features = cpu_features();
    int count = 0;
    for (const Implementation& candidate : implementations) {
        if (!candidate.runs_on(features)) continue;
        available.tables[count] = candidate.kernels;
        available.names[count++] = candidate.kernels->name;
    }
    const char* const asked = std::getenv("NONLIN_ISA");
    if (asked != nullptr && *asked != '\0') {
        if (activate(asked)) return;
        std::snprintf(available.rejected, sizeof available.rejected, "%s", asked);
    }
    active = available.tables[0];
}

// Not a static variable in a function: the library is to need nothing of C++'s.
void find_once() {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find);
}

}  // namespace

const KernelTable& active_kernels() noexcept {
    const KernelTable* kernels = active.load(std::memory_order_relaxed);
    if (kernels == nullptr) {
        find_once();
        kernels = active.load(std::memory_order_relaxed);
    }
    return *kernels;
}

const char* const* available_isas() noexcept {
    find_once();
    return available.names;
}
const char* isa() noexcept { return active_kernels().name; }
bool set_isa(const char* name) noexcept {
    find_once();
    return name != nullptr && activate(name);
}
const char* isa_error() noexcept {
    find_once();
    return *available.rejected != '\0' ? available.rejected : nullptr;
}

}  // namespace nonlin
