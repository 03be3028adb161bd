// The AVX-512 pack, its intrinsics emulated, against the AVX2 pack: every kernel, bit for bit.
//
// avx512_emulated [n]: n float32 numbers, evenly spread over all bit patterns, and n / 4 float64.
#include <cstdlib>
#include <vector>

#include "check.h"
#include "kernel_table.h"
#include "row_calls.h"
#include "row_table.h"

namespace nonlin {
extern const KernelTable kernels_avx512_emulated;
extern const RowKernels row_kernels_avx512_emulated[];
}  // namespace nonlin

using namespace calls;

namespace {

constexpr std::size_t block = 4099;  // leaves a tail in every pack

struct Block {
    double grad_output[block], x[block], parameter[3][block], out[2][2][block];
};

void compare(const Function& f, Block& b, std::size_t count, bool uniform) {
    const std::size_t row = f.activation;
    const nonlin::KernelTable* const tables[] = {&nonlin::kernels_avx2,
                                                 &nonlin::kernels_avx512_emulated};
    nonlin::KernelArguments a{};
    a.grad_output = b.grad_output;
    a.x = b.x;
    for (int k = 0; k < f.parameters(); ++k) {
        a.parameters[k] = b.parameter[k];
        a.parameter_steps[k] = uniform ? 0 : 1;
    }
    for (int t = 0; t < 2; ++t) {
        const nonlin::KernelRow& kernels = tables[t]->rows[row];
        a.outputs[0] = b.out[t][0];
        a.outputs[1] = b.out[t][1];
        const auto& by_direction = f.dtype == Dtype::float64 ? kernels.float64 : kernels.float32;
        by_direction[static_cast<int>(f.direction)](a, count);
    }
    const std::ptrdiff_t size = size_of(f.dtype);
    const auto bits = [&](const void* from, std::size_t i) {
        return bits_at(f.dtype,
                       static_cast<const char*>(from) + static_cast<std::ptrdiff_t>(i) * size);
    };
    for (int k = 0; k < outputs(f.direction); ++k) {
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(bits(b.out[0][k], i) == bits(b.out[1][k], i),
                  "%s %s %s, x = %llx: AVX2 %llx, AVX-512 %llx", f.name(), f.way(), f.type(),
                  static_cast<unsigned long long>(bits(b.x, i)),
                  static_cast<unsigned long long>(bits(b.out[0][k], i)),
                  static_cast<unsigned long long>(bits(b.out[1][k], i)));
        }
    }
}

void fill(const Function& f, Block& b, std::uint64_t start, std::uint64_t step) {
    const std::size_t size = static_cast<std::size_t>(size_of(f.dtype));
    for (std::size_t i = 0; i < block; ++i) {
        put_number(f.dtype, start + i, reinterpret_cast<char*>(b.grad_output) + i * size);
        char* const x = reinterpret_cast<char*>(b.x) + i * size;
        if (f.dtype == Dtype::float64) {
            put_number(f.dtype, start + i + block, x);
        } else {
            const auto pattern = static_cast<std::uint32_t>((start + i) * step);
            std::memcpy(x, &pattern, sizeof pattern);
        }
        for (int k = 0; k < f.parameters(); ++k) {
            b.parameter[k][i] =
                f.entry().parameters->list[k].fallback + 0.125 * static_cast<double>((i + k) % 5);
        }
    }
}

void compare_rows(std::size_t function, Dtype dtype, std::size_t length, std::size_t rows) {
    const nonlin::RowKernels* const tables[] = {nonlin::row_kernels_avx2,
                                                nonlin::row_kernels_avx512_emulated};
    RowCall call(function, dtype, length, rows);
    for (const Layout layout : layouts) {
        std::vector<std::uint64_t> bits[2];
        for (int t = 0; t < 2; ++t) {
            nonlin::RowArguments a{};
            const nonlin::RowOperand* const operands = call.prepare(layout, false, length);
            for (int k = 0; k < call.operands(); ++k) a.operands[k] = operands[k];
            a.length = length;
            a.rows = rows;
            const nonlin::RowKernels& kernels = tables[t][function];
            (dtype == Dtype::float64 ? kernels.float64 : kernels.float32)(a);
            bits[t] = call.results();
        }
        CHECK(bits[0] == bits[1], "%s float%d, %zu rows of %zu, layout %d", call.name(),
              static_cast<int>(8 * size_of(dtype)), rows, length, static_cast<int>(layout));
    }
}

}  // namespace

int main(int argc, char** argv) {
    bool runs = false;
    for (const char* const* isa = nonlin::available_isas(); *isa != nullptr; ++isa) {
        runs = runs || std::strcmp(*isa, "avx2") == 0;
    }
    if (!runs) return check::skipped;
    const std::size_t n = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100000;
    const std::uint64_t step = ((std::uint64_t{1} << 32) / n) | 1;
    static Block b;
    for_each_function([&](const Function& f) {
        if (size_of(f.dtype) == 2) return;  // served by float32's kernels
        const std::size_t total = f.dtype == Dtype::float64 ? n / 4 : n;
        for (std::size_t start = 0; start < total; start += block) {
            fill(f, b, start, step);
            compare(f, b, block, false);
        }
        for (std::size_t count = 1; count < 70; ++count) compare(f, b, count, true);
    });
    for (std::size_t f = 0; f < nonlin::row_functions().count; ++f) {
        for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
            for (const std::size_t length : {1, 3, 16, 23, 24, 33, 70, 300, 2100}) {
                compare_rows(f, dtype, length, length > 1000 ? 3 : 21);
            }
        }
    }
    return check::result();
}
