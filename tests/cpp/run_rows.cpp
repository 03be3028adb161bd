// Row functions: the same bits on every instruction set, in every layout, in place and beside other
// rows, with memory to put strided rows together and without, and no byte read or written beyond
// the operands.

#include <cstdlib>

#include "row_calls.h"

#include "check.h"

using namespace calls;

namespace {

std::size_t refusals = 0;
bool refuses = false;

}  // namespace

// In place of the C library's.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    refusals += refuses;
    void* memory = nullptr;
    return refuses || posix_memalign(&memory, alignment, size) != 0 ? nullptr : memory;
}

namespace {

constexpr std::size_t lengths[] = {0, 1, 2, 3, 8, 9, 23, 24, 25, 31, 33, 40, 64, 255, 257, 300};
constexpr std::size_t long_lengths[] = {2047, 2050, 32769};

// Results that are neither NaN nor 0, and all: tests of nothing but NaN would find nothing.
std::size_t telling = 0, all = 0;

void compare(RowCall& call, const char* isa, Layout layout, bool in_place,
             const std::vector<std::uint64_t>& expected, std::uint64_t seed) {
    call.run(call.prepare(layout, in_place, seed));
    const std::vector<std::uint64_t> found = call.results();
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i] == expected[i],
              "%s float%d %s, %zu rows of %zu, layout %d%s, %zu: %llx, not %llx", call.name(),
              static_cast<int>(8 * size_of(call.dtype())), isa, call.rows(), call.length(),
              static_cast<int>(layout), in_place ? " in place" : "", i,
              static_cast<unsigned long long>(found[i]),
              static_cast<unsigned long long>(expected[i]));
    }
}

void test(std::size_t function, Dtype dtype, std::size_t length, std::size_t rows) {
    const std::uint64_t seed = 977 * function + length;
    RowCall call(function, dtype, length, rows);
    nonlin::set_isa("scalar");
    call.run(call.prepare(Layout::rows, false, seed));
    const std::vector<std::uint64_t> expected = call.results();
    const std::uint64_t nan = dtype == Dtype::float64 ? 0x7FF0000000000001 : 0x7F800001;
    for (const std::uint64_t bits : expected) {
        telling += bits != 0 && bits != nan;
        ++all;
    }
    for_each_isa([&](const char* isa) {
        for (const Layout layout : layouts) {
            for (const bool in_place : {false, true}) {
                if (in_place && !call.can_be_in_place()) continue;
                for (const bool without_memory : {false, true}) {
                    refuses = without_memory;
                    compare(call, isa, layout, in_place, expected, seed);
                }
            }
        }
    });
}

}  // namespace

int main() {
    for (std::size_t function = 0; function < nonlin::row_functions().count; ++function) {
        for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
            for (const std::size_t length : lengths) {
                for (const std::size_t rows : {1, 7, 19}) test(function, dtype, length, rows);
            }
            for (const std::size_t length : long_lengths) test(function, dtype, length, 2);
        }
    }
    CHECK(refusals > 0, "no memory was asked for");
    CHECK(3 * telling > all, "%zu of %zu results", telling, all);
    return check::result();
}
