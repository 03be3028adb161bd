// Calls of an inner loop whose elements wait for one another.
#pragma once

#include "make_ufunc.h"

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

// Calls run(args, n), or run for one element after the other where they are chained.
template <class Run>
void run_in_order(const Ufunc& ufunc, char** args, const npy_intp* steps, npy_intp n, Run run) {
    const int operands = ufunc.operands();
    if (!chained(static_cast<int>(ufunc.inputs.size()), operands, args, steps, n)) {
        run(args, static_cast<std::size_t>(n));
        return;
    }
    std::array<char*, max_operands> here{};
    for (npy_intp i = 0; i < n; ++i) {
        for (int k = 0; k < operands; ++k) here[k] = args[k] + i * steps[k];
        run(here.data(), std::size_t{1});
    }
}

}  // namespace nonlin::python
