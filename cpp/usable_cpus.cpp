#include "usable_cpus.h"

#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace nonlin {
namespace {

constexpr char mounted[] = "/sys/fs/cgroup";

struct File {
    std::FILE* stream;

    explicit File(const char* path) : stream(std::fopen(path, "re")) {}
    ~File() {
        if (stream != nullptr) std::fclose(stream);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
};

// The lesser of count and a quota of CPU time per period, in whole CPUs.
int within_quota(int count, long long quota, long long period) {
    if (quota <= 0 || period <= 0) return count;
    const long long cpus = (quota + period - 1) / period;
    return cpus < count ? static_cast<int>(cpus) : count;
}

int within_version_2(int count, const char* group) {
    char path[4200];
    long long quota, period;
    std::snprintf(path, sizeof path, "%s%s/cpu.max", mounted, group);
    const File file(path);
    const bool limited =
        file.stream != nullptr && std::fscanf(file.stream, "%lld %lld", &quota, &period) == 2;
    return limited ? within_quota(count, quota, period) : count;
}

long long number_in(const char* name) {
    char path[100];
    long long number;
    std::snprintf(path, sizeof path, "%s/cpu/%s", mounted, name);
    const File file(path);
    return file.stream != nullptr && std::fscanf(file.stream, "%lld", &number) == 1 ? number : -1;
}

// A group's quota binds its subgroups too: from this process's group up to the root.
int within_quotas(int count) {
    char group[4097] = "";
    if (const File file("/proc/self/cgroup"); file.stream != nullptr) {
        char line[4097];
        while (std::fgets(line, sizeof line, file.stream) != nullptr) {
            if (std::sscanf(line, "0::%4096[^\n]", group) == 1) break;
        }
    }
    for (;;) {
        count = within_version_2(count, group);
        char* const last = std::strrchr(group, '/');
        if (last == nullptr) break;
        *last = '\0';
    }
    return within_quota(count, number_in("cpu.cfs_quota_us"), number_in("cpu.cfs_period_us"));
}

}  // namespace

bool cpus_of_process(cpu_set_t& cpus) noexcept {
    return sched_getaffinity(getpid(), sizeof cpus, &cpus) == 0;
}

int usable_cpus() noexcept {
    cpu_set_t cpus;
    const int count =
        cpus_of_process(cpus) ? CPU_COUNT(&cpus) : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    return within_quotas(count > 1 ? count : 1);
}

}  // namespace nonlin
