#include "gather.h"
#include "parallel.h"

#include <cstdlib>
#include <cstring>

#define NONLIN_ISA every_cpu
#include "pack/transpose.h"

namespace nonlin {
namespace {

constexpr std::size_t cache_line = 64, own_memory = std::size_t{1} << 16;
constexpr std::size_t most_memory = std::size_t{1} << 25;

// Copies elements [begin, end) of so many rows. Where neighbouring rows share cache lines, one
// after another would read each line several times.
template <class Item>
void copy(const RowOperand& from, const RowOperand& to, std::size_t rows, std::size_t begin,
          std::size_t end) {
    constexpr auto item = static_cast<std::ptrdiff_t>(sizeof(Item));
    const char* source = from.at + static_cast<std::ptrdiff_t>(begin) * from.core;
    char* target = to.at + static_cast<std::ptrdiff_t>(begin) * to.core;
    const std::size_t count = end - begin;
    if (from.outer == item && to.core == item) {
        return every_cpu::transpose<Item>(source, from.core, count, target, to.outer, rows);
    }
    if (from.core == item && to.outer == item) {
        return every_cpu::transpose<Item>(source, from.outer, rows, target, to.core, count);
    }
    for (std::size_t r = 0; r < rows; ++r, source += from.outer, target += to.outer) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto place = static_cast<std::ptrdiff_t>(i);
            std::memcpy(target + place * to.core, source + place * from.core, sizeof(Item));
        }
    }
}

// The operands that are put together, of the rows of one call.
class Tiles {
public:
    Tiles(const Operands& kinds, std::size_t item, const RowArguments& rows) noexcept
        : item_(item), whole_(rows), inputs_(std::strlen(kinds.inputs)) {
        const std::size_t count = inputs_ + std::strlen(kinds.outputs);
        bool lines_shared = false;
        for (std::size_t k = 0; k < count; ++k) {
            const char kind = k < inputs_ ? kinds.inputs[k] : kinds.outputs[k - inputs_];
            const RowOperand& given = rows.operands[k];
            place_[k] = 0;
            if (kind != 'x' || given.core == static_cast<std::ptrdiff_t>(item)) continue;
            place_[k] = same_as(k);
            if (place_[k] == 0) place_[k] = ++tiles_;
            lines_shared = lines_shared || given.outer == static_cast<std::ptrdiff_t>(item);
        }
        // An odd number of lines, so that rows do not compete for the same part of a cache.
        pitch_ = (rows.length * item / cache_line * cache_line) | cache_line;
        if (pitch_ < rows.length * item) pitch_ += 2 * cache_line;
        if (lines_shared) rows_ = rows.rows < gathered_rows ? rows.rows : gathered_rows;
        while (rows_ > 1 && bytes() > (small() ? own_memory : most_memory)) rows_ /= 2;
    }

    bool any() const { return tiles_ > 0; }
    bool small() const { return whole_.rows * whole_.length <= piece_size; }
    std::size_t bytes() const { return tiles_ * rows_ * pitch_; }

    void run(RowKernel kernel, char* memory) const {
        RowArguments here = whole_;
        for (std::size_t r = 0; r < whole_.rows; r += rows_) {
            here.rows = whole_.rows - r < rows_ ? whole_.rows - r : rows_;
            for (std::size_t k = 0; k < max_row_operands; ++k) {
                here.operands[k] = place_[k] == 0 ? at_row(k, r) : tile(k, memory);
            }
            for (std::size_t k = 0; k < inputs_; ++k) {
                if (place_[k] != 0) move(at_row(k, r), here.operands[k], here.rows);
            }
            kernel(here);
            for (std::size_t k = inputs_; k < max_row_operands; ++k) {
                if (place_[k] != 0) move(here.operands[k], at_row(k, r), here.rows);
            }
        }
    }

private:
    // The tile of an earlier operand that is the same memory: the output, in place.
    std::size_t same_as(std::size_t k) const {
        const RowOperand& b = whole_.operands[k];
        for (std::size_t j = 0; j < k; ++j) {
            const RowOperand& a = whole_.operands[j];
            const bool same = a.at == b.at && a.outer == b.outer && a.core == b.core;
            if (place_[j] != 0 && same) return place_[j];
        }
        return 0;
    }
    RowOperand at_row(std::size_t k, std::size_t row) const {
        RowOperand o = whole_.operands[k];
        if (o.at != nullptr) o.at += static_cast<std::ptrdiff_t>(row) * o.outer;
        return o;
    }
    RowOperand tile(std::size_t k, char* memory) const {
        return {memory + (place_[k] - 1) * rows_ * pitch_, static_cast<std::ptrdiff_t>(pitch_),
                static_cast<std::ptrdiff_t>(item_)};
    }
    void move(const RowOperand& from, const RowOperand& to, std::size_t rows) const {
        struct Move {
            RowOperand from, to;
            std::size_t rows, length, item;
        } job{from, to, rows, whole_.length, item_};
        const auto part = [](void* context, std::size_t piece) {
            const Move& m = *static_cast<const Move*>(context);
            const std::size_t begin = piece * piece_size;
            const std::size_t end = m.length - begin < piece_size ? m.length : begin + piece_size;
            if (m.item == sizeof(float)) {
                copy<float>(m.from, m.to, m.rows, begin, end);
            } else {
                copy<double>(m.from, m.to, m.rows, begin, end);
            }
        };
        const std::size_t parts = (whole_.length + piece_size - 1) / piece_size;
        if (parts > 1 && whole_.share != nullptr) return whole_.share(parts, part, &job);
        for (std::size_t p = 0; p < parts; ++p) part(&job, p);
    }

    std::size_t item_;
    const RowArguments& whole_;
    std::size_t inputs_, tiles_ = 0, rows_ = 1, pitch_ = 0;
    std::size_t place_[max_row_operands] = {};  // 0: stays where it is; else its tile, from 1
};

}  // namespace

bool worth_gathering(const Operands& kinds, std::size_t item, const RowArguments& rows) noexcept {
    return rows.length >= long_row && Tiles(kinds, item, rows).any();
}

void run_gathered(RowKernel kernel, const Operands& kinds, std::size_t item,
                  const RowArguments& rows) noexcept {
    const Tiles tiles(kinds, item, rows);
    if (tiles.bytes() <= own_memory) {
        alignas(cache_line) char memory[own_memory];
        return tiles.run(kernel, memory);
    }
    void* const memory = tiles.small() ? nullptr : std::aligned_alloc(cache_line, tiles.bytes());
    if (memory == nullptr) return kernel(rows);
    tiles.run(kernel, static_cast<char*>(memory));
    std::free(memory);
}

}  // namespace nonlin
