// One line: the instruction set in use and a hash of what every function returns for a fixed set of
// numbers. The hash must be the same for every instruction set, CPU and number of threads.
//
// digest [n]: n numbers per function and dtype.
#include <cinttypes>
#include <cstdlib>
#include <vector>

#include "calls.h"
#include "check.h"

using namespace calls;

namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t bits) {  // FNV-1a, 8 bytes at a time
    return (hash ^ bits) * 0x100000001B3u;
}

std::uint64_t digest(std::size_t n) {
    std::uint64_t hash = 0xCBF29CE484222325u;
    std::vector<double> grad_output(n), x(n),
        results[2] = {std::vector<double>(n), std::vector<double>(n)};
    for_each_function([&](const Function& f) {
        const std::ptrdiff_t size = size_of(f.dtype);
        const auto at = [&](std::vector<double>& v, std::size_t i) -> void* {
            return reinterpret_cast<char*>(v.data()) + static_cast<std::ptrdiff_t>(i) * size;
        };
        for (std::size_t i = 0; i < n; ++i) {
            put_number(f.dtype, i, at(x, i));
            put_number(f.dtype, i + n, at(grad_output, i));
        }
        double defaults[3];
        Array parameters[3];
        for (int k = 0; k < f.parameters(); ++k) {
            defaults[k] = f.entry().parameters->list[k].fallback;
            parameters[k] = {&defaults[k], 0};
        }
        const Array out[] = {{at(results[0], 0), size}, {at(results[1], 0), size}};
        f({at(grad_output, 0), size}, {at(x, 0), size}, parameters, out, n);
        for (int k = 0; k < outputs(f.direction); ++k) {
            for (std::size_t i = 0; i < n; ++i) {
                hash = mixed(hash, bits_at(f.dtype, at(results[k], i)));
            }
        }
    });
    return hash;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t n = argc > 1           ? std::strtoul(argv[1], nullptr, 10)
                          : check::sanitized ? 2011
                                             : 20011;
    std::uint64_t first = 0;
    for_each_isa([&](const char* isa) {
        const std::uint64_t hash = digest(n);
        if (first == 0) first = hash;
        CHECK(hash == first, "%s: %016" PRIx64 ", not %016" PRIx64, isa, hash, first);
    });
    std::printf("%s %016" PRIx64 "\n", nonlin::isa(), first);
    return check::result();
}
