// Where the elements of strided dimensions stand.
#pragma once

#include "divisor.h"

namespace nonlin::cuda {

// The offset of element `index` of some dimensions, in the order of the last one first. The size of
// the first does not matter.
NONLIN_FN std::ptrdiff_t offset_of(std::size_t index, int dimensions, const Divisor* sizes,
                                   const std::ptrdiff_t* steps) {
    std::ptrdiff_t offset = 0;
#pragma unroll 1
    for (int d = dimensions - 1; d > 0; --d) {
        const Divided by = sizes[d].divided(index);
        offset += static_cast<std::ptrdiff_t>(by.remainder) * steps[d];
        index = by.quotient;
    }
    return dimensions == 0 ? 0 : offset + static_cast<std::ptrdiff_t>(index) * steps[0];
}

}  // namespace nonlin::cuda
