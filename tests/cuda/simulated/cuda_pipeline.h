// Copies from global to shared memory that a thread starts and later waits for.
#pragma once

#include "device.h"

inline void __pipeline_memcpy_async(void* to, const void* from, std::size_t size,
                                    std::size_t zeros = 0) {
    simulated::copy_async(to, from, size, zeros);
}
inline void __pipeline_commit() { simulated::commit_copies(); }
// The instruction takes at most 8.
inline void __pipeline_wait_prior(std::size_t but_newest) {
    simulated::wait_for_copies(but_newest < 8 ? but_newest : 8);
}
