// The kernel table in use.
#pragma once

#include "kernel_table.h"

namespace nonlin {

const KernelTable& active_kernels() noexcept;

}  // namespace nonlin
