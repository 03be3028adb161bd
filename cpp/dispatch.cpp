#include "dispatch.h"

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

struct Dispatch {
    const char* names[implementation_count + 1] = {};  // available ones, then nullptr
    const KernelTable* tables[implementation_count] = {};
    std::atomic<const KernelTable*> active{nullptr};
    char rejected[64] = "";  // a copy: the environment may change

    Dispatch() {
        const CpuFeatures features = cpu_features();
        int count = 0;
        for (const Implementation& candidate : implementations) {
            if (!candidate.runs_on(features)) continue;
            tables[count] = candidate.kernels;
            names[count++] = candidate.kernels->isa;
        }
        active = tables[0];
        const char* asked = std::getenv("NONLIN_ISA");
        if (asked != nullptr && *asked != '\0' && !set(asked)) {
            std::snprintf(rejected, sizeof rejected, "%s", asked);
        }
    }

    bool set(const char* name) {
        for (int i = 0; names[i] != nullptr; ++i) {
            if (std::strcmp(names[i], name) == 0) {
                active = tables[i];
                return true;
            }
        }
        return false;
    }
};

Dispatch& dispatch() {
    static Dispatch instance;
    return instance;
}

}  // namespace

const KernelTable& active_kernels() noexcept {
    return *dispatch().active.load(std::memory_order_relaxed);
}

const char* const* available_isas() noexcept { return dispatch().names; }
const char* isa() noexcept { return active_kernels().isa; }
bool set_isa(const char* name) noexcept { return name != nullptr && dispatch().set(name); }
const char* isa_error() noexcept {
    const char* const rejected = dispatch().rejected;
    return *rejected != '\0' ? rejected : nullptr;
}

}  // namespace nonlin
