// How many CPUs this process may use.
#pragma once

namespace nonlin {

// What affinity and the CPU quota of its control groups (cgroup version 2, or 1 as containers mount
// it) leave to this process; at least 1.
int usable_cpus() noexcept;

}  // namespace nonlin
