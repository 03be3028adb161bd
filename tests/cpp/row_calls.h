// What the tests of row functions share: their operands, filled and laid out.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "calls.h"
#include "guarded.h"

namespace calls {

enum class Layout { rows, columns, gaps, backwards };
constexpr Layout layouts[] = {Layout::rows, Layout::columns, Layout::gaps, Layout::backwards};

// One row function over so many rows of one length. Every operand ends, or backwards begins, beside
// a guard page.
template <class Memory>
class RowCallIn {
public:
    RowCallIn(std::size_t function, Dtype dtype, std::size_t length, std::size_t rows)
        : function_(function), dtype_(dtype), length_(length), rows_(rows) {
        const nonlin::Operands& given = *nonlin::row_functions().first[function].operands;
        kinds_ = std::string(given.inputs) + given.outputs;
        inputs_ = std::strlen(given.inputs);
        for (const char kind : kinds_) {
            memory_.emplace_back(std::make_unique<Memory>((2 * count(kind) + 2) * size(kind)));
        }
    }

    std::size_t function() const { return function_; }
    const std::string& kinds() const { return kinds_; }
    const char* name() const { return nonlin::row_functions().first[function_].name; }
    std::size_t length() const { return length_; }
    std::size_t rows() const { return rows_; }
    int operands() const { return static_cast<int>(kinds_.size()); }
    Dtype dtype() const { return dtype_; }

    // Operands laid out so and filled with numbers that depend on their place alone. in_place: the
    // output is the first input of its kind.
    const nonlin::RowOperand* prepare(Layout layout, bool in_place, std::uint64_t seed) {
        operands_.clear();
        for (std::size_t k = 0; k < kinds_.size(); ++k) {
            if (in_place && k == inputs_) {
                operands_.push_back(operands_[kinds_.find(kinds_[k])]);
                continue;
            }
            operands_.push_back(place(k, layout));
            if (k >= inputs_) continue;
            for (std::size_t i = 0; i < count(kinds_[k]); ++i) {
                put(kinds_[k], seed * length_or_one() + 1000003 * length_or_one() * k + i,
                    at(k, i));
            }
        }
        return operands_.data();
    }
    bool can_be_in_place() const {
        for (const char* loss : {"squared_error", "logistic_loss", "binary_loss"}) {
            if (std::strcmp(name(), loss) == 0) return false;
        }
        return kinds_.find(kinds_[inputs_]) < inputs_;
    }

    // The bits of all outputs.
    std::vector<std::uint64_t> results() const {
        std::vector<std::uint64_t> bits;
        for (std::size_t k = inputs_; k < kinds_.size(); ++k) {
            for (std::size_t i = 0; i < count(kinds_[k]); ++i) {
                bits.push_back(bits_at(dtype_, at(k, i)));
            }
        }
        return bits;
    }
    void run(const nonlin::RowOperand* operands) const {
        nonlin::run_rows(function_, dtype_, operands, length_, rows_);
    }

private:
    static bool whole_row(char kind) { return kind == 'x' || kind == 'v' || kind == 'b'; }
    std::size_t count(char kind) const { return whole_row(kind) ? rows_ * length_ : rows_; }
    std::size_t size(char kind) const {
        if (kind == 'b') return 1;
        return kind == 'x' || kind == 's' ? static_cast<std::size_t>(size_of(dtype_)) : 8;
    }
    char* at(std::size_t k, std::size_t i) const {
        const nonlin::RowOperand& o = operands_[k];
        const std::size_t in_row = whole_row(kinds_[k]) ? length_ : 1;
        return o.at + static_cast<std::ptrdiff_t>(i / in_row) * o.outer +
               static_cast<std::ptrdiff_t>(i % in_row) * o.core;
    }
    nonlin::RowOperand place(std::size_t k, Layout layout) const {
        const std::size_t n = count(kinds_[k]);
        const auto item = static_cast<std::ptrdiff_t>(size(kinds_[k]));
        const auto in_row = static_cast<std::ptrdiff_t>(whole_row(kinds_[k]) ? length_ : 1);
        const std::ptrdiff_t step = layout == Layout::gaps        ? 2 * item
                                    : layout == Layout::backwards ? -item
                                                                  : item;
        char* const first = static_cast<char*>(memory_[k]->place(n, step, item));
        if (layout == Layout::columns) {
            return {first, item, item * static_cast<std::ptrdiff_t>(rows_)};
        }
        return {first, step * in_row, step};
    }
    void put(char kind, std::uint64_t i, char* to) const {
        const std::uint64_t random = random_bits(i);
        const double unit = static_cast<double>(random >> 11) * 0x1p-53;
        const double number = kind == 'p' ? 0.5 + unit / 2 : unit * 3;
        const auto id = static_cast<std::int64_t>(random % (length_ + 2)) - 1;
        switch (kind) {
        case 'b':
            *to = random % 4 != 0;
            break;
        case 'k':
            std::memcpy(to, &id, sizeof id);
            break;
        case 'p':
        case 'v':
            std::memcpy(to, &number, sizeof number);
            break;
        default:
            put_data(i, random, to);
        }
    }
    // One row in four holds any bits, one ties; the others lie within 20 of 0.
    void put_data(std::uint64_t i, std::uint64_t random, char* to) const {
        const std::uint64_t row = i / length_or_one() % 4;
        if (row == 0) return put_number(dtype_, i, to);
        const std::uint64_t steps = row == 1 ? 8 : std::uint64_t{1} << 20;
        const double number =
            static_cast<double>(random % steps) / static_cast<double>(steps) * 40 - 20;
        const float narrow = static_cast<float>(number);
        if (dtype_ == Dtype::float64) {
            std::memcpy(to, &number, sizeof number);
        } else {
            std::memcpy(to, &narrow, sizeof narrow);
        }
    }
    std::size_t length_or_one() const { return length_ == 0 ? 1 : length_; }

    std::size_t function_;
    Dtype dtype_;
    std::size_t length_, rows_, inputs_;
    std::string kinds_;
    std::vector<std::unique_ptr<Memory>> memory_;
    std::vector<nonlin::RowOperand> operands_;
};
using RowCall = RowCallIn<Guarded>;

}  // namespace calls
