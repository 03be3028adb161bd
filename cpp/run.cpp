// One call: strided arrays to contiguous kernels, whole or in blocks, on one thread or several.
#include <cstdint>
#include <cstring>

#include <nonlin/core.h>

#include "dispatch.h"
#include "half.h"
#include "pack/fp_environment.h"
#include "parallel.h"

namespace nonlin {
namespace {

constexpr std::size_t item_sizes[dtype_count] = {2, 4, 8};

// A job is cut into pieces of this many elements, a whole number of memory pages for every dtype;
// it goes to the pool when it has enough of them to pay for waking a thread.
constexpr std::size_t piece_size = std::size_t{1} << 15;
constexpr std::size_t least_pieces = 2, least_pieces_if_cheap = 16;

struct Operand {
    char* at;
    std::ptrdiff_t step;
    Operand from(std::size_t i) const { return {at + static_cast<std::ptrdiff_t>(i) * step, step}; }
};

// A call, sorted by role.
struct Job {
    Kernel kernel;
    Dtype dtype;
    int inputs, parameters, outputs;
    Operand input[2];  // x, and grad_output for backward
    Operand parameter[max_parameters];
    Operand output[2];

    Job part(std::size_t i) const {
        Job p = *this;
        for (int k = 0; k < inputs; ++k) p.input[k] = input[k].from(i);
        for (int k = 0; k < parameters; ++k) p.parameter[k] = parameter[k].from(i);
        for (int k = 0; k < outputs; ++k) p.output[k] = output[k].from(i);
        return p;
    }

    bool contiguous() const {
        if (dtype == Dtype::float16) return false;
        const std::ptrdiff_t size =
            static_cast<std::ptrdiff_t>(item_sizes[static_cast<int>(dtype)]);
        for (int k = 0; k < inputs; ++k) {
            if (input[k].step != size) return false;
        }
        for (int k = 0; k < outputs; ++k) {
            if (output[k].step != size) return false;
        }
        for (int k = 0; k < parameters; ++k) {
            if (parameter[k].step != 0 && parameter[k].step != sizeof(double)) return false;
        }
        return true;
    }
};

void run_contiguous(const Job& job, std::size_t n) {
    KernelArguments a{};
    a.x = job.input[0].at;
    a.grad_output = job.input[1].at;
    for (int k = 0; k < job.parameters; ++k) {
        a.parameters[k] = reinterpret_cast<const double*>(job.parameter[k].at);
        a.parameter_steps[k] = job.parameter[k].step != 0;
    }
    for (int k = 0; k < job.outputs; ++k) a.outputs[k] = job.output[k].at;
    job.kernel(a, n);
}

template <class Item>
void gather(const Operand& from, std::size_t n, Item* to) {
    for (std::size_t i = 0; i < n; ++i) std::memcpy(to + i, from.from(i).at, sizeof(Item));
}
template <class Item>
void scatter(const Item* from, std::size_t n, const Operand& to) {
    for (std::size_t i = 0; i < n; ++i) std::memcpy(to.from(i).at, from + i, sizeof(Item));
}

union Block {
    float float32[block];
    double float64[block];
};

void load(Dtype dtype, const Operand& from, std::size_t n, Block& to) {
    if (dtype == Dtype::float64) {
        gather(from, n, to.float64);
    } else if (dtype == Dtype::float32) {
        gather(from, n, to.float32);
    } else {
        std::uint16_t half[block];
        gather(from, n, half);
        for (std::size_t i = 0; i < n; ++i) to.float32[i] = float_from_half(half[i]);
    }
}

void store(Dtype dtype, const Block& from, std::size_t n, const Operand& to) {
    if (dtype == Dtype::float64) {
        scatter(from.float64, n, to);
    } else if (dtype == Dtype::float32) {
        scatter(from.float32, n, to);
    } else {
        std::uint16_t half[block];
        for (std::size_t i = 0; i < n; ++i) half[i] = half_from_float(from.float32[i]);
        scatter(half, n, to);
    }
}

void run_in_blocks(const Job& job, std::size_t n) {
    Block input[2], output[2];
    double parameter[max_parameters][block];
    Job gathered = job;
    for (int k = 0; k < job.inputs; ++k) gathered.input[k].at = reinterpret_cast<char*>(&input[k]);
    for (int k = 0; k < job.outputs; ++k) {
        gathered.output[k].at = reinterpret_cast<char*>(&output[k]);
    }
    for (int k = 0; k < job.parameters; ++k) {
        if (job.parameter[k].step != 0) {
            gathered.parameter[k] = {reinterpret_cast<char*>(parameter[k]), sizeof(double)};
        }
    }
    for (std::size_t i = 0; i < n; i += block) {
        const std::size_t count = n - i < block ? n - i : block;
        const Job part = job.part(i);
        for (int k = 0; k < job.inputs; ++k) load(job.dtype, part.input[k], count, input[k]);
        for (int k = 0; k < job.parameters; ++k) {
            if (job.parameter[k].step != 0) gather(part.parameter[k], count, parameter[k]);
        }
        run_contiguous(gathered, count);
        for (int k = 0; k < job.outputs; ++k) store(job.dtype, output[k], count, part.output[k]);
    }
}

void run_here(const Job& job, std::size_t n) {
    const DefaultEnvironment environment;
    if (job.contiguous()) {
        run_contiguous(job, n);
    } else {
        run_in_blocks(job, n);
    }
}

struct Pieces {
    const Job& job;
    std::size_t n;
};

void run_piece(void* context, std::size_t piece) {
    const Pieces& whole = *static_cast<const Pieces*>(context);
    const std::size_t start = piece * piece_size, left = whole.n - start;
    run_here(whole.job.part(start), left < piece_size ? left : piece_size);
}

}  // namespace

void run(std::size_t activation, Direction direction, Dtype dtype, char* const* args,
         const std::ptrdiff_t* steps, std::size_t n) noexcept {
    if (n == 0) return;
    const KernelRow& row = active_kernels().rows[activation];
    const auto& kernels = dtype == Dtype::float64 ? row.float64 : row.float32;
    Job job;
    job.kernel = kernels[static_cast<int>(direction)];
    job.dtype = dtype;
    job.inputs = direction == Direction::backward ? 2 : 1;
    job.outputs = direction == Direction::value_and_derivative ? 2 : 1;
    job.parameters = activations().first[activation].parameters->count;
    int next = 0;
    const auto take = [&]() -> Operand {
        const Operand operand{args[next], steps[next]};
        ++next;
        return operand;
    };
    if (direction == Direction::backward) job.input[1] = take();
    job.input[0] = take();
    for (int k = 0; k < job.parameters; ++k) job.parameter[k] = take();
    for (int k = 0; k < job.outputs; ++k) job.output[k] = take();

    const std::size_t pieces = (n + piece_size - 1) / piece_size;
    if (pieces < (row.cheap ? least_pieces_if_cheap : least_pieces)) {
        run_here(job, n);
    } else {
        Pieces whole{job, n};
        parallel(pieces, run_piece, &whole);
    }
}

}  // namespace nonlin
