// Compares instruction sets over float32 numbers, bit for bit: every activation, its derivative and
// both gradients of the gated units, at their default parameters. Prints a line for each, and ends
// with 1 if there is a difference.
//
//     sweep_isas [every [SET SET]]     every = 1: all 2^32 bit patterns; avx2 and avx512
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "calls.h"

using namespace calls;

namespace {

constexpr std::size_t block = 1 << 15;

struct Sweep {
    std::uint64_t every;
    const char* isa[2];
    bool same = true;

    // compute(x, y) fills two outputs; the second may stay as it is.
    template <class Compute>
    void operator()(const char* name, const char* way, Compute compute) {
        std::vector<float> x(block), y[2][2];
        for (auto& outputs : y) {
            for (auto& output : outputs) output.resize(block);
        }
        std::uint64_t count = 0, different = 0;
        std::uint32_t first = 0;
        for (std::uint64_t next = 0; next >> 32 == 0;) {
            std::size_t n = 0;
            for (; n < block && next >> 32 == 0; ++n, next += every) {
                const auto bits = static_cast<std::uint32_t>(next);
                std::memcpy(&x[n], &bits, sizeof bits);
            }
            for (int k = 0; k < 2; ++k) {
                nonlin::set_isa(isa[k]);
                compute(x.data(), y[k][0].data(), y[k][1].data(), n);
            }
            count += n;
            for (std::size_t i = 0; i < n; ++i) {
                bool differs = false;
                for (int out = 0; out < 2; ++out) {
                    differs |= bits_at(Dtype::float32, &y[0][out][i]) !=
                               bits_at(Dtype::float32, &y[1][out][i]);
                }
                if (differs && different++ == 0) std::memcpy(&first, &x[i], sizeof first);
            }
        }
        std::printf("%-16s %-10s %10llu inputs  %llu different", name, way,
                    static_cast<unsigned long long>(count),
                    static_cast<unsigned long long>(different));
        if (different > 0) std::printf(", the first at %08x", static_cast<unsigned>(first));
        std::printf("\n");
        std::fflush(stdout);
        same &= different == 0;
    }
};

Array contiguous(const float* at) { return {const_cast<float*>(at), sizeof(float)}; }
nonlin::RowOperand row(const float* at) {
    return {reinterpret_cast<char*>(const_cast<float*>(at)), 0, sizeof(float)};
}

}  // namespace

int main(int argc, char** argv) {
    Sweep sweep{argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 257, {"avx2", "avx512"}};
    for (int k = 0; k < 2; ++k) {
        if (argc > 3) sweep.isa[k] = argv[2 + k];
        if (!nonlin::set_isa(sweep.isa[k])) {
            std::fprintf(stderr, "%s is not available on this machine\n", sweep.isa[k]);
            return 77;
        }
    }
    nonlin::set_num_threads(1);
    for_each_function([&](const Function& f) {
        const bool both = f.direction == Direction::value_and_derivative;
        if (f.dtype != Dtype::float32 || f.direction == Direction::backward || both) return;
        Array parameters[3];
        for (int k = 0; k < f.parameters(); ++k) {
            parameters[k] = {const_cast<double*>(&f.entry().parameters->list[k].fallback), 0};
        }
        sweep(f.name(), f.way(), [&](const float* x, float* y, float*, std::size_t n) {
            const Array out[] = {contiguous(y)};
            f({}, contiguous(x), parameters, out, n);
        });
    });
    std::vector<float> other(block);
    for (std::size_t i = 0; i < block; ++i) put_number(Dtype::float32, i, &other[i]);
    for (std::size_t unit = 0; unit < nonlin::gated_units().count; ++unit) {
        sweep(nonlin::gated_units().first[unit], "gradients",
              [&](const float* x, float* y, float* z, std::size_t n) {
                  const nonlin::RowOperand operands[] = {row(other.data()), row(x),
                                                         row(other.data()), row(y), row(z)};
                  nonlin::run_gated(unit, true, Dtype::float32, operands, n, 1);
              });
    }
    return sweep.same ? 0 : 1;
}
