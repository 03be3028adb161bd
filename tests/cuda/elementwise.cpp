// Elementwise calls of the CUDA backend give the bits of the CPU: every activation, direction and
// dtype, in every layout, with parameters of every kind, biased, in place; and gated units. The
// arrays lie against pages that may not be touched.
#include <nonlin/cuda.h>

#include "../../cuda/divisor.h"

#include <string>
#include <vector>

#include "calls.h"
#include "device_memory.h"

using namespace calls;
namespace cuda = nonlin::cuda;

namespace {

constexpr std::size_t most = 9000;     // more than a block computes
constexpr std::size_t halves = 65536;  // all that there are
constexpr std::size_t room = 8 * (halves + 64);

// Where an operand's elements lie: steps along two dimensions, in elements, and how many elements
// the first one is away from where 16 bytes begin.
struct Layout {
    std::size_t rows, length;
    std::ptrdiff_t outer, step;
    std::size_t shift;
};

enum class Given { defaults, exact, inexact, varied, varied_float32 };
constexpr Given all_given[] = {Given::defaults, Given::exact, Given::inexact, Given::varied,
                               Given::varied_float32};

// An array that kernels and CPU use alike.
struct Operand {
    DeviceMemory memory{room};
    char* at = nullptr;
    std::ptrdiff_t outer = 0, step = 0, size = 0;

    // Backwards the first element is the last in memory.
    void lay(const Layout& l, std::ptrdiff_t size_) {
        size = size_;
        outer = l.outer * size;
        step = l.step * size;
        // The end of the array touches the guard, or nearly, for the sake of the shift.
        const auto reach = [](std::size_t n, std::ptrdiff_t by) {
            return n == 0 ? 0 : static_cast<std::ptrdiff_t>(n - 1) * by;
        };
        std::ptrdiff_t above = size;
        for (const std::ptrdiff_t r : {reach(l.rows, outer), reach(l.length, step)}) {
            above += r > 0 ? r : 0;
        }
        const std::ptrdiff_t shifted = static_cast<std::ptrdiff_t>(l.shift) * size;
        const auto start = static_cast<std::ptrdiff_t>(memory.size()) - above - shifted;
        at = memory.first() + start / 16 * 16 + shifted;
    }
    char* element(std::size_t r, std::size_t i) const {
        return at + static_cast<std::ptrdiff_t>(r) * outer + static_cast<std::ptrdiff_t>(i) * step;
    }
    cuda::Operand for_gpu(Dtype dtype) const { return {at, dtype, {outer, step}, 0}; }
    nonlin::RowOperand for_cpu() const { return {at, outer, step}; }
};

Operand grad_output, x, second, parameter[3], parameter_float[3], out[2], expected[2];

template <class Do>
void each(const Layout& l, Do act) {
    for (std::size_t r = 0; r < l.rows; ++r) {
        for (std::size_t i = 0; i < l.length; ++i) act(r, i, r * l.length + i);
    }
}

void fill(Operand& operand, const Layout& l, Dtype dtype, std::uint64_t seed) {
    operand.lay(l, size_of(dtype));
    each(l, [&](std::size_t r, std::size_t i, std::size_t n) {
        if (l.length == halves) {
            const auto bits = static_cast<std::uint16_t>(seed + n);
            std::memcpy(operand.element(r, i), &bits, sizeof bits);
        } else {
            put_number(dtype, seed + n, operand.element(r, i));
        }
    });
}

void compare(const std::string& what, const Layout& l, Dtype dtype, int outputs) {
    for (int k = 0; k < outputs; ++k) {
        each(l, [&](std::size_t r, std::size_t i, std::size_t) {
            const auto found = bits_at(dtype, out[k].element(r, i));
            const auto wanted = bits_at(dtype, expected[k].element(r, i));
            CHECK(found == wanted,
                  "%s, %zu rows of %zu, steps %td %td, shift %zu, (%zu, %zu): "
                  "%llx, not %llx",
                  what.c_str(), l.rows, l.length, l.outer, l.step, l.shift, r, i,
                  static_cast<unsigned long long>(found), static_cast<unsigned long long>(wanted));
        });
    }
}

void clear(const Layout& l, Dtype dtype, int outputs) {
    for (int k = 0; k < outputs; ++k) {
        for (Operand* operand : {&out[k], &expected[k]}) {
            operand->lay(l, size_of(dtype));
            std::memset(operand->memory.first(), 0x5A, room);
        }
    }
}

// Numbers that are the defaults, float32 numbers, others, or differ from element to element, some
// of them the defaults.
double parameter_value(const nonlin::Parameter& known, Given given, std::size_t n) {
    if (given == Given::exact) return static_cast<float>(known.fallback) + 0.125;
    if (given == Given::inexact) return known.fallback + 0.1;
    if (given == Given::varied || given == Given::varied_float32) {
        const double value = known.fallback + 0.125 * static_cast<double>(n % 5);
        return given == Given::varied ? value : static_cast<double>(static_cast<float>(value));
    }
    return known.fallback;
}

void test(const Function& f, const Layout& l, Given given, bool biased, int in_place) {
    const Dtype dtype = f.dtype;
    const int count = outputs(f.direction);
    fill(x, l, dtype, 0);
    fill(grad_output, l, dtype, 5000);
    fill(second, l, dtype, 900);
    clear(l, dtype, count);

    std::vector<nonlin::RowOperand> for_cpu;
    std::vector<cuda::Operand> for_gpu;
    const auto give = [&](const Operand& operand, Dtype of) {
        for_cpu.push_back(operand.for_cpu());
        for_gpu.push_back(operand.for_gpu(of));
    };
    if (f.direction == Direction::backward) give(grad_output, dtype);
    give(x, dtype);
    if (biased) give(second, dtype);
    const bool numbers = given != Given::varied && given != Given::varied_float32;
    for (int k = 0; k < f.parameters(); ++k) {
        const nonlin::Parameter& known = f.entry().parameters->list[k];
        parameter[k].lay(l, 8);
        parameter_float[k].lay(l, 4);
        each(l, [&](std::size_t r, std::size_t i, std::size_t n) {
            const double value = parameter_value(known, given, numbers ? 0 : n + 3 * k);
            const float narrow = static_cast<float>(value);
            std::memcpy(parameter[k].element(r, i), &value, sizeof value);
            std::memcpy(parameter_float[k].element(r, i), &narrow, sizeof narrow);
        });
        for_cpu.push_back(parameter[k].for_cpu());
        if (numbers) {
            for_gpu.push_back({nullptr, Dtype::float64, {}, parameter_value(known, given, 0)});
        } else if (given == Given::varied) {
            for_gpu.push_back(parameter[k].for_gpu(Dtype::float64));
        } else {
            for_gpu.push_back(parameter_float[k].for_gpu(Dtype::float32));
        }
    }
    for (int k = 0; k < count; ++k) for_cpu.push_back(expected[k].for_cpu());
    if (biased) {
        nonlin::run_biased(f.activation, f.direction, dtype, for_cpu.data(), l.length, l.rows);
    } else {
        for (std::size_t r = 0; r < l.rows; ++r) {
            char* args[8];
            std::ptrdiff_t steps[8];
            for (std::size_t k = 0; k < for_cpu.size(); ++k) {
                args[k] = for_cpu[k].at + static_cast<std::ptrdiff_t>(r) * for_cpu[k].outer;
                steps[k] = for_cpu[k].core;
            }
            nonlin::run(f.activation, f.direction, dtype, args, steps, l.length);
        }
    }
    if (in_place != 0) out[0].at = in_place == 1 ? x.at : grad_output.at;
    for (int k = 0; k < count; ++k) for_gpu.push_back(out[k].for_gpu(dtype));
    const cuda::Shape shape{2, {l.rows, l.length}};
    if (!finished(
            cuda::run(f.activation, f.direction, biased, dtype, shape, for_gpu.data(), nullptr))) {
        return;
    }
    compare(std::string(f.name()) + " " + f.way() + " " + f.type() + " parameters " +
                std::to_string(static_cast<int>(given)) + (biased ? " biased" : "") +
                (in_place != 0 ? " in place" : ""),
            l, dtype, count);
}

constexpr Layout layouts[] = {
    {1, 0, 0, 1, 0},     {1, 1, 1, 1, 0},   {1, 7, 7, 1, 0},    {1, 300, 300, 1, 0},
    {1, 300, 300, 1, 1}, {1, 301, 1, 2, 0}, {1, 300, 1, -1, 0}, {3, 16, 16, 1, 0},
    {3, 32, 48, 1, 0},   {5, 24, 25, 1, 0}, {16, 5, 1, 16, 0},  {4, 8, -8, 1, 0},
    {2, 17, 40, 2, 3},
};

void test_activations() {
    for_each_function([&](const Function& f) {
        for (const Layout& l : layouts) {
            for (const Given given : all_given) {
                if (f.parameters() == 0 && given != Given::defaults) continue;
                test(f, l, given, false, 0);
            }
        }
        const Layout whole{1, 300, 300, 1, 0}, long_one{1, most, most, 1, 0};
        test(f, long_one, Given::defaults, false, 0);
        if (size_of(f.dtype) == 2) test(f, {1, halves, halves, 1, 0}, Given::defaults, false, 0);
        test(f, whole, Given::defaults, false, 1);
        test(f, {1, 100, 100, 2, 0}, Given::varied, false, 1);
        if (f.direction == Direction::backward) test(f, whole, Given::exact, false, 2);
        if (f.direction == Direction::value || f.direction == Direction::backward) {
            test(f, whole, Given::defaults, true, 0);
            test(f, {5, 24, 25, 1, 0}, Given::varied, true, 0);
        }
    });
}

// A bias, or a parameter, that is repeated along rows or along columns; an output in another order
// than the input.
void test_broadcasting() {
    const std::size_t relu = 2;
    CHECK(nonlin::activations().first[relu].name == std::string("relu"), "relu has moved");
    const Layout l{6, 40, 40, 1, 0};
    for (const Dtype dtype : dtypes) {
        for (const bool columns : {false, true}) {
            fill(x, l, dtype, 0);
            fill(second, {1, 40, 0, 1, 0}, dtype, 900);
            clear(l, dtype, 1);
            std::ptrdiff_t steps[] = {second.step, 0};
            nonlin::RowOperand bias{second.at, steps[columns ? 0 : 1], steps[columns ? 1 : 0]};
            const nonlin::RowOperand cpu[] = {x.for_cpu(), bias, expected[0].for_cpu()};
            nonlin::run_biased(relu, Direction::value, dtype, cpu, l.length, l.rows);
            const cuda::Operand gpu[] = {x.for_gpu(dtype),
                                         {second.at, dtype, {bias.outer, bias.core}, 0},
                                         out[0].for_gpu(dtype)};
            if (finished(cuda::run(relu, Direction::value, true, dtype, {2, {l.rows, l.length}},
                                   gpu, nullptr))) {
                compare("broadcast bias", l, dtype, 1);
            }
        }
        // Three dimensions of the input, turned.
        fill(x, {1, 240, 0, 1, 0}, dtype, 0);
        const std::ptrdiff_t size = size_of(dtype);
        clear({1, 240, 0, 1, 0}, dtype, 1);
        const std::size_t sizes[] = {4, 6, 10};
        const std::ptrdiff_t from[] = {size, 4 * size, 24 * size},
                             to[] = {60 * size, 10 * size, size};
        for (std::size_t i = 0; i < 240; ++i) {
            char* args[] = {x.at + static_cast<std::ptrdiff_t>(i / 60) * from[0] +
                                static_cast<std::ptrdiff_t>(i / 10 % 6) * from[1] +
                                static_cast<std::ptrdiff_t>(i % 10) * from[2],
                            expected[0].at + static_cast<std::ptrdiff_t>(i) * size};
            const std::ptrdiff_t none[] = {0, 0};
            nonlin::run(relu, Direction::value, dtype, args, none, 1);
        }
        const cuda::Operand gpu[] = {{x.at, dtype, {from[0], from[1], from[2]}, 0},
                                     {out[0].at, dtype, {to[0], to[1], to[2]}, 0}};
        if (finished(cuda::run(relu, Direction::value, false, dtype,
                               {3, {sizes[0], sizes[1], sizes[2]}}, gpu, nullptr))) {
            compare("turned", {1, 240, 0, 1, 0}, dtype, 1);
        }
    }
}

// A bias and a slope for each of three channels, as in images: both are repeated within a channel
// and from image to image.
void test_channels() {
    const std::size_t leaky_relu = 5;
    CHECK(nonlin::activations().first[leaky_relu].name == std::string("leaky_relu"), "has moved");
    constexpr std::size_t images = 2, channels = 3;
    for (const Dtype dtype : dtypes) {
        for (const Dtype slope_dtype : dtypes) {
            for (const std::size_t length : {37, 40}) {
                const Layout all{1, images * channels * length, 0, 1, 0}, few{1, channels, 0, 1, 0};
                fill(x, all, dtype, 0);
                fill(second, few, dtype, 900);
                parameter[0].lay(few, size_of(slope_dtype));
                clear(all, dtype, 1);
                for (std::size_t i = 0; i < images * channels; ++i) {
                    const std::size_t c = i % channels;
                    double slope = 0.25 + static_cast<double>(c);
                    put(slope_dtype, slope, parameter[0].element(0, c));
                    const nonlin::RowOperand cpu[] = {
                        {x.element(0, i * length), 0, x.step},
                        {second.element(0, c), 0, 0},
                        {reinterpret_cast<char*>(&slope), 0, 0},
                        {expected[0].element(0, i * length), 0, x.step}};
                    nonlin::run_biased(leaky_relu, Direction::value, dtype, cpu, length, 1);
                }
                const auto row = static_cast<std::ptrdiff_t>(length) * x.step;
                const cuda::Operand gpu[] = {
                    {x.at, dtype, {row * 3, row, x.step}, 0},
                    {second.at, dtype, {0, second.step, 0}, 0},
                    {parameter[0].at, slope_dtype, {0, parameter[0].step, 0}, 0},
                    {out[0].at, dtype, {row * 3, row, x.step}, 0}};
                if (finished(cuda::run(leaky_relu, Direction::value, true, dtype,
                                       {3, {images, channels, length}}, gpu, nullptr))) {
                    compare("channels", all, dtype, 1);
                }
            }
        }
    }
}

void test_divisions() {
    constexpr std::size_t limit = std::size_t{1} << 31;
    std::vector<std::size_t> numbers = {1, 2, 3, 5, 7, 10, 641, 1000003, limit / 3 * 2 + 1};
    for (std::size_t power = 2; power < 31; ++power) {
        for (const std::size_t by : {-1, 0, 1}) numbers.push_back((std::size_t{1} << power) + by);
    }
    numbers.push_back(limit - 1);
    const auto check = [](std::size_t n, std::size_t by, std::size_t most) {
        const cuda::Divided found = cuda::Divisor(by, most).divided(n);
        CHECK(found.quotient == n / by && found.remainder == n % by, "%zu / %zu: %zu, %zu", n, by,
              found.quotient, found.remainder);
    };
    for (const std::size_t by : numbers) {
        for (const std::size_t n : numbers) {
            const std::size_t multiple = (limit - 1) / by * by;
            for (const std::size_t most : {limit - 1, limit}) {
                check(n, by, most);
                check(n / by * by, by, most);
                check(multiple, by, most);
                check(multiple - 1, by, most);
            }
            for (const std::size_t large : {limit * n + by, ~std::size_t{0} / 2 - n}) {
                check(large, by, large);
                check(large / by * by, by, large);
                check(large / by * by - 1, by, large);
            }
        }
    }
}

void test_gated() {
    for (std::size_t unit = 0; unit < nonlin::gated_units().count; ++unit) {
        for (const Dtype dtype : dtypes) {
            for (const Layout& l : layouts) {
                for (const bool backward : {false, true}) {
                    fill(x, l, dtype, 0);
                    fill(second, l, dtype, 900);
                    fill(grad_output, l, dtype, 5000);
                    const int count = backward ? 2 : 1;
                    clear(l, dtype, count);
                    std::vector<nonlin::RowOperand> cpu;
                    std::vector<cuda::Operand> gpu;
                    if (backward) {
                        cpu.push_back(grad_output.for_cpu());
                        gpu.push_back(grad_output.for_gpu(dtype));
                    }
                    for (const Operand* o : {&x, &second}) {
                        cpu.push_back(o->for_cpu());
                        gpu.push_back(o->for_gpu(dtype));
                    }
                    for (int k = 0; k < count; ++k) {
                        cpu.push_back(expected[k].for_cpu());
                        gpu.push_back(out[k].for_gpu(dtype));
                    }
                    nonlin::run_gated(unit, backward, dtype, cpu.data(), l.length, l.rows);
                    if (finished(cuda::run_gated(unit, backward, dtype, {2, {l.rows, l.length}},
                                                 gpu.data(), nullptr))) {
                        compare(std::string(nonlin::gated_units().first[unit]) +
                                    (backward ? " backward" : ""),
                                l, dtype, count);
                    }
                }
            }
        }
    }
}

}  // namespace

int main() {
    need_device();
    test_activations();
    test_broadcasting();
    test_channels();
    test_divisions();
    test_gated();
    return check::result();
}
