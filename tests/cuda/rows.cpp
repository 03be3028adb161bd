// Row functions of the CUDA backend give the bits of the CPU: every function and dtype, rows of all
// lengths at which something changes, in every layout and in place; halves those of float32 rows,
// rounded. No byte is read or written beyond the operands.
#include <nonlin/cuda.h>

#include <nonlin/half.h>

#include <string>
#include <vector>

#include "device_memory.h"
#include "row_calls.h"

using namespace calls;
namespace cuda = nonlin::cuda;

namespace {

using Call = RowCallIn<DeviceMemory>;

constexpr std::size_t lengths[] = {0, 1, 2, 7, 8, 9, 16, 17, 23, 24, 31, 32, 33, 64, 100, 257};
constexpr std::size_t long_lengths[] = {2047, 2048, 2049, 5000, 40000, 70001};

// Results that are neither NaN nor 0, and all: tests of nothing but NaN would find nothing.
std::size_t telling = 0, all = 0;

Dtype dtype_of(char kind, Dtype dtype) {
    return kind == 'x' || kind == 's' ? dtype : Dtype::float64;
}

// Workspace of the call, if it wants any.
class Workspace {
public:
    explicit Workspace(std::size_t bytes) : memory_(bytes == 0 ? 16 : bytes), bytes_(bytes) {}
    void* at() const { return bytes_ == 0 ? nullptr : memory_.first(); }

private:
    DeviceMemory memory_;
    std::size_t bytes_;
};

bool run(const Call& call, Dtype dtype, const nonlin::RowOperand* operands) {
    std::vector<cuda::RowsOperand> given;
    for (int k = 0; k < call.operands(); ++k) {
        const Dtype of = dtype_of(call.kinds()[static_cast<std::size_t>(k)], dtype);
        given.push_back({{operands[k].at, of, {operands[k].outer}, 0}, operands[k].core});
    }
    const Workspace workspace(
        cuda::row_workspace(call.function(), dtype, call.length(), call.rows()));
    return finished(cuda::run_rows(call.function(), dtype, call.length(), {1, {call.rows()}},
                                   given.data(), workspace.at(), nullptr));
}

void compare(const Call& call, const char* how, const std::vector<std::uint64_t>& found,
             const std::vector<std::uint64_t>& expected) {
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i] == expected[i], "%s %s, %zu rows of %zu, %s, %zu: %llx, not %llx",
              call.name(), dtype_names[static_cast<int>(call.dtype())], call.rows(), call.length(),
              how, i, static_cast<unsigned long long>(found[i]),
              static_cast<unsigned long long>(expected[i]));
    }
}

void test(std::size_t function, Dtype dtype, std::size_t length, std::size_t rows) {
    const std::uint64_t seed = 977 * function + length;
    Call call(function, dtype, length, rows);
    call.run(call.prepare(Layout::rows, false, seed));
    const std::vector<std::uint64_t> expected = call.results();
    const std::uint64_t nan = dtype == Dtype::float64 ? 0x7FF0000000000001 : 0x7F800001;
    for (const std::uint64_t bits : expected) telling += bits != 0 && bits != nan;
    all += expected.size();
    constexpr const char* names[] = {"rows", "columns", "gaps", "backwards"};
    for (const Layout layout : layouts) {
        for (const bool in_place : {false, true}) {
            if (in_place && !call.can_be_in_place()) continue;
            // Long rows in the layouts that differ for them: it takes long enough.
            if (length > 10000 && (layout == Layout::gaps || layout == Layout::backwards)) continue;
            const auto* operands = call.prepare(layout, in_place, seed);
            if (!run(call, dtype, operands)) continue;
            const std::string how =
                std::string(names[static_cast<int>(layout)]) + (in_place ? " in place" : "");
            compare(call, how.c_str(), call.results(), expected);
        }
    }
}

// The operands of a float32 call, rounded to halves; and what comes of the rounded ones.
void test_halves(std::size_t function, Dtype dtype, std::size_t length, std::size_t rows,
                 bool columns) {
    const bool is_float16 = dtype == Dtype::float16;
    const auto rounded = [&](float number) -> unsigned short {
        return is_float16 ? nonlin::half_from_float(number) : nonlin::bfloat16_from_float(number);
    };
    const auto widened = [&](unsigned short half) {
        return is_float16 ? nonlin::float_from_half(half) : nonlin::float_from_bfloat16(half);
    };
    // Element i of an operand of some kind.
    const auto offset = [&](char kind, std::size_t i) {
        return 2 * (kind == 'x' && columns ? i % length * rows + i / length : i);
    };
    Call call(function, Dtype::float32, length, rows);
    const auto* prepared = call.prepare(Layout::rows, false, 977 * function + length + 5);
    std::vector<nonlin::RowOperand> operands(prepared, prepared + call.operands());
    std::vector<std::unique_ptr<DeviceMemory>> memory;
    std::vector<std::size_t> counts;
    for (std::size_t k = 0; k < operands.size(); ++k) {
        const char kind = call.kinds()[k];
        const std::size_t count = kind == 'x' ? rows * length : kind == 's' ? rows : 0;
        counts.push_back(count);
        if (kind != 'x' && kind != 's') continue;
        memory.push_back(std::make_unique<DeviceMemory>(2 * count + 2));
        char* const at = static_cast<char*>(memory.back()->place(count, 2, 2));
        for (std::size_t i = 0; i < count; ++i) {
            float number;
            std::memcpy(&number, prepared[k].at + 4 * i, sizeof number);
            const unsigned short half = rounded(number);
            number = widened(half);
            std::memcpy(at + offset(kind, i), &half, sizeof half);
            std::memcpy(prepared[k].at + 4 * i, &number, sizeof number);
        }
        operands[k] = {at, prepared[k].outer / 2, 2};
        if (kind == 'x' && columns) operands[k] = {at, 2, static_cast<std::ptrdiff_t>(2 * rows)};
    }
    call.run(prepared);
    if (!run(call, dtype, operands.data())) return;
    std::vector<std::uint64_t> found, expected;
    for (std::size_t k = std::strlen(nonlin::row_functions().first[function].operands->inputs);
         k < operands.size(); ++k) {
        for (std::size_t i = 0; i < counts[k]; ++i) {
            float number;
            std::memcpy(&number, prepared[k].at + 4 * i, sizeof number);
            const unsigned short half = rounded(number);
            found.push_back(bits_at(dtype, operands[k].at + offset(call.kinds()[k], i)));
            expected.push_back(bits_at(dtype, &half));
        }
    }
    compare(call, is_float16 ? "as float16" : "as bfloat16", found, expected);
}

}  // namespace

int main() {
    need_device();
    for (std::size_t function = 0; function < nonlin::row_functions().count; ++function) {
        for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
            for (const std::size_t length : lengths) {
                for (const std::size_t rows : {1, 41}) test(function, dtype, length, rows);
            }
            for (const std::size_t length : long_lengths) test(function, dtype, length, 2);
            test(function, dtype, 33000, 5);
        }
        for (const Dtype dtype : {Dtype::float16, Dtype::bfloat16}) {
            for (const std::size_t length : {1, 9, 24, 100, 2049}) {
                for (const bool columns : {false, true}) {
                    test_halves(function, dtype, length, 6, columns);
                }
            }
        }
    }
    CHECK(3 * telling > all, "%zu of %zu results", telling, all);
    return check::result();
}
