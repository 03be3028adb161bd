// Which CPUs this process may use.
#pragma once

#include <sched.h>

namespace nonlin {

// The affinity of the process: of its first thread, whichever thread asks. False where the system
// does not say.
bool cpus_of_process(cpu_set_t& cpus) noexcept;

// How many of them affinity and the CPU quota of its control groups (cgroup version 2, or 1 as
// containers mount it) leave to this process; at least 1.
int usable_cpus() noexcept;

}  // namespace nonlin
