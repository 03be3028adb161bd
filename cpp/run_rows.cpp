// One call of a row function, on one thread or several.
#include <cstring>

#include <nonlin/core.h>

#include "dispatch.h"
#include "pack/fp_environment.h"
#include "parallel.h"

namespace nonlin {
namespace {

// A piece for a thread has at least this many elements, and whole rows, in multiples of the lanes.
constexpr std::size_t piece_size = std::size_t{1} << 15;
constexpr std::size_t row_group = 16;

struct Task {
    void (*task)(void*, std::size_t);
    void* context;
};

// Of the sections of one row: on several threads, or one after another.
void share_out(std::size_t pieces, void (*task)(void*, std::size_t), void* context) {
    Task given{task, context};
    const auto run = [](void* at, std::size_t piece) {
        const DefaultEnvironment environment;
        static_cast<Task*>(at)->task(static_cast<Task*>(at)->context, piece);
    };
    parallel(pieces, run, &given);
}
struct Pieces {
    RowKernel kernel;
    RowArguments whole;
    std::size_t rows_each;
};

void run_piece(void* context, std::size_t piece) {
    const DefaultEnvironment environment;
    const Pieces& job = *static_cast<const Pieces*>(context);
    RowArguments a = job.whole;
    const std::size_t first = piece * job.rows_each;
    for (RowOperand& operand : a.operands) {
        if (operand.at != nullptr) operand.at += static_cast<std::ptrdiff_t>(first) * operand.outer;
    }
    a.rows = a.rows - first < job.rows_each ? a.rows - first : job.rows_each;
    job.kernel(a);
}

}  // namespace

void run_rows(std::size_t function, Dtype dtype, const RowOperand* operands, std::size_t length,
              std::size_t rows) noexcept {
    if (rows == 0) return;
    const RowKernels& kernels = active_kernels().row_functions[function];
    const Operands& kinds = *row_functions().first[function].operands;
    const std::size_t count = std::strlen(kinds.inputs) + std::strlen(kinds.outputs);
    Pieces job{dtype == Dtype::float64 ? kernels.float64 : kernels.float32, {}, rows};
    for (std::size_t k = 0; k < count; ++k) job.whole.operands[k] = operands[k];
    job.whole.length = length;
    job.whole.rows = rows;
    job.whole.share = nullptr;

    const std::size_t groups = (rows + row_group - 1) / row_group;
    const std::size_t group_size = row_group * (length + 1);
    const std::size_t groups_each = (piece_size + group_size - 1) / group_size;
    const std::size_t pieces = (groups + groups_each - 1) / groups_each;
    job.rows_each = groups_each * row_group;
    if (pieces > 1) {
        parallel(pieces, run_piece, &job);
    } else {
        job.whole.share = share_out;
        run_piece(&job, 0);
    }
}

}  // namespace nonlin
