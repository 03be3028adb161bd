// Calls of an inner loop whose elements wait for one another.
#pragma once

#include "numpy.h"

namespace nonlin::python {

// Whether one element's result is another element's input: where the ufunc's reduce and accumulate
// methods call. Everywhere else NumPy has seen to it that they are not.
inline bool chained(int inputs, int operands, char* const* args, const npy_intp* steps,
                    npy_intp n) {
    for (int out = inputs; out < operands; ++out) {
        if (n > 1 && steps[out] == 0) return true;
        for (int in = 0; in < inputs; ++in) {
            const char* const next = args[in] + (n > 1 ? steps[in] : 0);
            if (next == args[out] && steps[in] == steps[out] && args[in] != args[out]) return true;
        }
    }
    return false;
}

}  // namespace nonlin::python
