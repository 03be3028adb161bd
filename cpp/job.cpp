// Strided arrays to contiguous kernels, whole or in blocks, on one thread or several.
#include "job.h"

#include <cstdint>
#include <cstring>

#include "pack/fp_environment.h"
#include "parallel.h"

namespace nonlin {
namespace {

// A job goes to the pool when it has enough pieces to pay for waking a thread.
constexpr std::size_t least_pieces = 2, least_pieces_if_cheap = 16;

// Rows shorter than this are gathered into blocks, for which one call of the kernel does.
constexpr std::size_t least_row = 64;

std::ptrdiff_t item_size(const Job& job) { return item_sizes[static_cast<int>(job.dtype)]; }

template <class Do>
void each_operand(Job& job, Do apply) {
    for (Operand& operand : job.input) apply(operand);
    for (int k = 0; k < job.parameters; ++k) apply(job.parameter[k]);
    for (int k = 0; k < job.outputs; ++k) apply(job.output[k]);
}

// Where an element stands.
struct Place {
    std::size_t row, column;
};
Place place(const Job& job, std::size_t i) {
    if (job.rows == 1) return {0, i};
    return {i / job.length, i % job.length};
}

// Whether the kernel can run along a row without a copy.
bool contiguous(const Job& job) {
    if (job.half != nullptr || job.biased) return false;
    const std::ptrdiff_t size = item_size(job);
    for (const Operand& input : job.input) {
        if (input.at != nullptr && input.step != size) return false;
    }
    for (int k = 0; k < job.outputs; ++k) {
        if (job.output[k].step != size) return false;
    }
    for (int k = 0; k < job.parameters; ++k) {
        if (job.parameter[k].step != 0 && job.parameter[k].step != sizeof(double)) return false;
    }
    return true;
}

KernelArguments arguments(const Job& job, Place from) {
    const auto at = [&](const Operand& operand) {
        return operand.at == nullptr ? nullptr : operand.from(from.row, from.column).at;
    };
    KernelArguments a{};
    a.x = at(job.input[main_input]);
    a.grad_output = at(job.input[grad_output_input]);
    a.second = at(job.input[second_input]);
    for (int k = 0; k < job.parameters; ++k) {
        a.parameters[k] = reinterpret_cast<const double*>(at(job.parameter[k]));
        a.parameter_steps[k] = job.parameter[k].step != 0;
    }
    for (int k = 0; k < job.outputs; ++k) a.outputs[k] = at(job.output[k]);
    return a;
}

// Does act(place, offset, count) for the stretches of rows that make up count elements.
template <class Act>
void along_rows(const Job& job, Place from, std::size_t count, Act act) {
    for (std::size_t done = 0; done < count;) {
        const std::size_t in_row = job.length - from.column, left = count - done;
        const std::size_t here = left < in_row ? left : in_row;
        act(from, done, here);
        done += here;
        from = {from.row + 1, 0};
    }
}

template <class Item>
void gather(const Job& job, const Operand& from, Place start, std::size_t n, Item* to) {
    along_rows(job, start, n, [&](Place at, std::size_t offset, std::size_t count) {
        const Operand source = from.from(at.row, at.column);
        if (source.step == sizeof(Item)) {
            std::memcpy(to + offset, source.at, count * sizeof(Item));
            return;
        }
        const char* next = source.at;
        for (std::size_t i = 0; i < count; ++i, next += source.step) {
            std::memcpy(to + offset + i, next, sizeof(Item));
        }
    });
}
template <class Item>
void scatter(const Job& job, const Item* from, Place start, std::size_t n, const Operand& to) {
    along_rows(job, start, n, [&](Place at, std::size_t offset, std::size_t count) {
        const Operand target = to.from(at.row, at.column);
        if (target.step == sizeof(Item)) {
            std::memcpy(target.at, from + offset, count * sizeof(Item));
            return;
        }
        char* next = target.at;
        for (std::size_t i = 0; i < count; ++i, next += target.step) {
            std::memcpy(next, from + offset + i, sizeof(Item));
        }
    });
}

union Block {
    float float32[block];
    double float64[block];
};

// Whether a block of an operand lies in memory without gaps.
bool in_one_piece(const Job& job, const Operand& operand) {
    return operand.step == item_size(job) &&
           (job.rows == 1 ||
            operand.outer == operand.step * static_cast<std::ptrdiff_t>(job.length));
}

void load(const Job& job, const Operand& from, Place at, std::size_t n, Block& to) {
    if (job.dtype == Dtype::float64) {
        gather(job, from, at, n, to.float64);
    } else if (job.dtype == Dtype::float32) {
        gather(job, from, at, n, to.float32);
    } else if (in_one_piece(job, from)) {
        job.half->widen(from.from(at.row, at.column).at, to.float32, n);
    } else {
        std::uint16_t half[block];
        gather(job, from, at, n, half);
        job.half->widen(reinterpret_cast<const char*>(half), to.float32, n);
    }
}

void store(const Job& job, const Block& from, Place at, std::size_t n, const Operand& to) {
    if (job.dtype == Dtype::float64) {
        scatter(job, from.float64, at, n, to);
    } else if (job.dtype == Dtype::float32) {
        scatter(job, from.float32, at, n, to);
    } else if (in_one_piece(job, to)) {
        job.half->narrow(from.float32, to.from(at.row, at.column).at, n);
    } else {
        std::uint16_t half[block];
        job.half->narrow(from.float32, reinterpret_cast<char*>(half), n);
        scatter(job, half, at, n, to);
    }
}

template <class Item>
Item item(const char* at) {
    Item copy;
    std::memcpy(&copy, at, sizeof copy);
    return copy;
}

// x + bias
template <class Item>
void add(const Job& job, Place start, std::size_t n, Item* to) {
    along_rows(job, start, n, [&](Place at, std::size_t offset, std::size_t count) {
        const Operand x = job.input[main_input].from(at.row, at.column);
        const Operand bias = job.input[second_input].from(at.row, at.column);
        Item* const sum = to + offset;
        if (x.step != sizeof(Item) || (bias.step != sizeof(Item) && bias.step != 0)) {
            for (std::size_t i = 0; i < count; ++i) {
                sum[i] = item<Item>(x.from(0, i).at) + item<Item>(bias.from(0, i).at);
            }
        } else if (bias.step == 0) {
            const Item same = item<Item>(bias.at);
            for (std::size_t i = 0; i < count; ++i) {
                sum[i] = item<Item>(x.at + i * sizeof(Item)) + same;
            }
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                sum[i] =
                    item<Item>(x.at + i * sizeof(Item)) + item<Item>(bias.at + i * sizeof(Item));
            }
        }
    });
}

// x + bias, rounded to the dtype.
void load_sum(const Job& job, Place at, std::size_t n, Block& to) {
    if (job.dtype == Dtype::float64) {
        add(job, at, n, to.float64);
    } else if (job.dtype == Dtype::float32) {
        add(job, at, n, to.float32);
    } else {
        Block bias;
        load(job, job.input[main_input], at, n, to);
        load(job, job.input[second_input], at, n, bias);
        for (std::size_t i = 0; i < n; ++i) to.float32[i] += bias.float32[i];
        char half[block * sizeof(std::uint16_t)];
        job.half->narrow(to.float32, half, n);
        job.half->widen(half, to.float32, n);
    }
}

// Whether a block of an operand lies in memory as the kernel wants it.
bool as_wanted(const Job& job, const Operand& operand) {
    return job.half == nullptr && in_one_piece(job, operand);
}

const void* loaded(const Job& job, Role role, Place at, std::size_t n, Block& to) {
    const Operand& from = job.input[role];
    if (from.at == nullptr) return nullptr;
    if (as_wanted(job, from)) return from.from(at.row, at.column).at;
    load(job, from, at, n, to);
    return &to;
}

// Not inlined: its blocks would be on the stack of the calls that need none of them, too.
[[gnu::noinline]] void run_in_blocks(const Job& job, std::size_t start, std::size_t n) {
    Block input[inputs], output[2];
    double parameter[max_parameters][block];
    KernelArguments a{};
    for (int k = 0; k < job.parameters; ++k) {
        const Operand& p = job.parameter[k];
        const bool single = p.step == 0 && p.outer == 0;
        a.parameters[k] = single ? reinterpret_cast<const double*>(p.at) : parameter[k];
        a.parameter_steps[k] = !single;
    }
    for (std::size_t i = 0; i < n; i += block) {
        const std::size_t count = n - i < block ? n - i : block;
        const Place at = place(job, start + i);
        a.grad_output = loaded(job, grad_output_input, at, count, input[grad_output_input]);
        if (job.biased) {
            load_sum(job, at, count, input[main_input]);
            a.x = &input[main_input];
        } else {
            a.x = loaded(job, main_input, at, count, input[main_input]);
            a.second = loaded(job, second_input, at, count, input[second_input]);
        }
        for (int k = 0; k < job.parameters; ++k) {
            if (a.parameter_steps[k] != 0) gather(job, job.parameter[k], at, count, parameter[k]);
        }
        for (int k = 0; k < job.outputs; ++k) {
            const bool direct = as_wanted(job, job.output[k]);
            a.outputs[k] = direct ? job.output[k].from(at.row, at.column).at
                                  : reinterpret_cast<char*>(&output[k]);
        }
        job.kernel(a, count);
        for (int k = 0; k < job.outputs; ++k) {
            if (!as_wanted(job, job.output[k])) {
                store(job, output[k], at, count, job.output[k]);
            }
        }
    }
}

// n elements from the one numbered start, row after row.
void run_here(const Job& job, std::size_t start, std::size_t n) {
    const DefaultEnvironment environment;
    if (!contiguous(job) || (job.rows > 1 && job.length < least_row)) {
        run_in_blocks(job, start, n);
        return;
    }
    along_rows(job, place(job, start), n, [&](Place at, std::size_t, std::size_t count) {
        job.kernel(arguments(job, at), count);
    });
}

// Puts a job into a better order: as one row where rows follow one another, with contiguous data in
// a row where there is a choice.
void arrange(Job& job) {
    const std::ptrdiff_t size = item_size(job);
    if (job.length == 1 || (job.output[0].step != size && job.output[0].outer == size)) {
        each_operand(job, [](Operand& o) { o = {o.at, o.outer, o.step}; });
        const std::size_t rows = job.length;
        job.length = job.rows;
        job.rows = rows;
    }
    bool one = true;
    const auto length = static_cast<std::ptrdiff_t>(job.length);
    each_operand(job, [&](Operand& o) { one &= o.at == nullptr || o.outer == o.step * length; });
    if (one) {
        job.length *= job.rows;
        job.rows = 1;
    }
}

void run_piece(void* context, std::size_t piece) {
    const Job& job = *static_cast<const Job*>(context);
    const std::size_t start = piece * piece_size, left = job.rows * job.length - start;
    run_here(job, start, left < piece_size ? left : piece_size);
}

void share_out(Job& job, bool cheap) {
    const std::size_t n = job.rows * job.length;
    const std::size_t pieces = (n + piece_size - 1) / piece_size;
    if (pieces < (cheap ? least_pieces_if_cheap : least_pieces)) {
        run_here(job, 0, n);
    } else {
        parallel(pieces, run_piece, &job);
    }
}

}  // namespace

void run_job(Job& job, bool cheap) noexcept {
    if (job.rows == 0 || job.length == 0) return;
    if (job.rows > 1) arrange(job);
    share_out(job, cheap);
}

}  // namespace nonlin
