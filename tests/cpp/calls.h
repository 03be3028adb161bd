// What the tests of run() share: calls with arrays by role, and numbers worth computing with.
#pragma once

#include <cstdint>
#include <cstring>

#include <nonlin/core.h>

#include <nonlin/half.h>

namespace calls {

using nonlin::Direction;
using nonlin::Dtype;

constexpr Direction directions[] = {Direction::value, Direction::derivative, Direction::backward,
                                    Direction::value_and_derivative};
constexpr const char* direction_names[] = {"value", "derivative", "backward", "both"};
constexpr Dtype dtypes[] = {Dtype::float16, Dtype::bfloat16, Dtype::float32, Dtype::float64};
constexpr const char* dtype_names[] = {"float16", "bfloat16", "float32", "float64"};

inline std::ptrdiff_t size_of(Dtype dtype) {
    constexpr std::ptrdiff_t sizes[] = {2, 2, 4, 8};
    return sizes[static_cast<int>(dtype)];
}
inline int outputs(Direction d) { return d == Direction::value_and_derivative ? 2 : 1; }

struct Array {
    void* at;
    std::ptrdiff_t step;  // in bytes
};

// One activation in one direction over one dtype.
struct Function {
    std::size_t activation;
    Direction direction;
    Dtype dtype;

    const nonlin::Activation& entry() const { return nonlin::activations().first[activation]; }
    const char* name() const { return entry().name; }
    const char* way() const { return direction_names[static_cast<int>(direction)]; }
    const char* type() const { return dtype_names[static_cast<int>(dtype)]; }
    int parameters() const { return entry().parameters->count; }

    // parameters: as many arrays as the activation takes; out: one array, or two.
    void operator()(Array grad_output, Array x, const Array* parameters, const Array* out,
                    std::size_t n) const {
        char* args[8];
        std::ptrdiff_t steps[8];
        int next = 0;
        const auto give = [&](Array a) {
            args[next] = static_cast<char*>(a.at);
            steps[next++] = a.step;
        };
        if (direction == Direction::backward) give(grad_output);
        give(x);
        for (int k = 0; k < this->parameters(); ++k) give(parameters[k]);
        for (int k = 0; k < outputs(direction); ++k) give(out[k]);
        nonlin::run(activation, direction, dtype, args, steps, n);
    }
};

template <class Visit>
void for_each_function(Visit visit) {
    for (std::size_t a = 0; a < nonlin::activations().count; ++a) {
        for (const Direction direction : directions) {
            for (const Dtype dtype : dtypes) visit(Function{a, direction, dtype});
        }
    }
}

template <class Visit>
void for_each_isa(Visit visit) {
    const char* const before = nonlin::isa();
    for (const char* const* name = nonlin::available_isas(); *name != nullptr; ++name) {
        nonlin::set_isa(*name);
        visit(*name);
    }
    nonlin::set_isa(before);
}

inline std::uint64_t random_bits(std::uint64_t i) {  // splitmix64
    i = (i + 1) * 0x9E3779B97F4A7C15u;
    i = (i ^ i >> 30) * 0xBF58476D1CE4E5B9u;
    i = (i ^ i >> 27) * 0x94D049BB133111EBu;
    return i ^ i >> 31;
}

inline void put(Dtype dtype, double number, void* to) {
    const float narrow = static_cast<float>(number);
    const std::uint16_t half = nonlin::half_from_float(narrow);
    const std::uint16_t bfloat16 = nonlin::bfloat16_from_float(narrow);
    const void* from[] = {&half, &bfloat16, &narrow, &number};
    std::memcpy(to, from[static_cast<int>(dtype)], static_cast<std::size_t>(size_of(dtype)));
}

// Writes number i of a fixed sequence: every third has random bits, NaN and infinities included;
// the others lie between -20 and 20 or are special.
inline void put_number(Dtype dtype, std::uint64_t i, void* to) {
    const std::uint64_t random = random_bits(i);
    const double special[] = {0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 0.5, 1e-45, -5e-324, 1e300};
    if (i % 3 == 0) {
        std::memcpy(to, &random, static_cast<std::size_t>(size_of(dtype)));
        return;
    }
    put(dtype,
        i % 7 == 1 ? special[i / 7 % 10] : static_cast<double>(random >> 11) * 0x1p-53 * 40 - 20,
        to);
}

// The bits at an address, with one pattern for every NaN: sign and payload are not promised.
inline std::uint64_t bits_at(Dtype dtype, const void* at) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, at, static_cast<std::size_t>(size_of(dtype)));
    constexpr std::uint64_t infinity[] = {0x7C00, 0x7F80, 0x7F800000, 0x7FF0000000000000};
    constexpr std::uint64_t sign[] = {0x8000, 0x8000, 0x80000000, 0x8000000000000000};
    const int k = static_cast<int>(dtype);
    return (bits & ~sign[k]) > infinity[k] ? infinity[k] + 1 : bits;
}

}  // namespace calls
