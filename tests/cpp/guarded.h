// Memory between two pages that may not be touched: reading or writing one byte outside kills the
// program, whatever instruction does it.
#pragma once

#include <cstddef>
#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

class Guarded {
public:
    explicit Guarded(std::size_t bytes)
        : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          inside_((bytes + page_ - 1) / page_ * page_) {
        void* const all = mmap(nullptr, inside_ + 2 * page_, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (all == MAP_FAILED) std::abort();
        first_ = static_cast<char*>(all) + page_;
        if (mprotect(first_, inside_, PROT_READ | PROT_WRITE) != 0) std::abort();
    }
    ~Guarded() { munmap(first_ - page_, inside_ + 2 * page_); }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    char* first() const { return first_; }
    std::size_t size() const { return inside_; }
    char* last(std::size_t bytes) const { return first_ + inside_ - bytes; }  // the last so many

    // Where n elements, so many bytes apart, touch a guard: the one after them, or before them if
    // they run backwards.
    void* place(std::size_t n, std::ptrdiff_t step, std::ptrdiff_t size) const {
        if (n == 0) return last(0);
        const std::ptrdiff_t span = static_cast<std::ptrdiff_t>(n - 1) * step;
        return step < 0 ? first_ - span : last(static_cast<std::size_t>(span + size));
    }

private:
    std::size_t page_, inside_;
    char* first_;
};
