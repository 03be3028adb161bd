// Whether arrays share memory.
#pragma once

#include "exchange.h"

namespace nonlin::python {

// Whether two results would meet. The halves of one array, which interleave, do not.
bool meet(const DeviceArray& a, const DeviceArray& b);

// Whether two arrays share memory without being the same array.
bool clash(const DeviceArray& a, const DeviceArray& b);

// Whether two elements of an array share memory.
bool repeats(const DeviceArray& array);

}  // namespace nonlin::python
