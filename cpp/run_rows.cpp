// One call of a row function, on one thread or several.
#include <cstring>

#include <nonlin/core.h>

#include "dispatch.h"
#include "gather.h"
#include "pack/fp_environment.h"
#include "parallel.h"
#include "row_table.h"

namespace nonlin {
namespace {

#define NONLIN_TABLE_OF(isa) row_kernels_##isa,
constexpr const RowKernels* tables[isa_count] = {NONLIN_ISAS(NONLIN_TABLE_OF)};
#undef NONLIN_TABLE_OF

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
    const Operands& kinds;
    std::size_t item;
    bool gathered;
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
    if (job.gathered) return run_gathered(job.kernel, job.kinds, job.item, a);
    job.kernel(a);
}

// How many rows a piece has. Rows that are put together, or share the lanes, go in groups, unless
// that leaves threads idle.
std::size_t rows_each(std::size_t length, std::size_t rows, bool gathered, std::size_t threads) {
    const bool grouped = gathered || length < long_row;
    std::size_t group = grouped ? gathered_rows : 1;
    if (length >= long_row && rows / group < threads) group = 1;
    const std::size_t size = group * (length + 1);
    return (piece_size + size - 1) / size * group;
}

}  // namespace

void run_rows(std::size_t function, Dtype dtype, const RowOperand* operands, std::size_t length,
              std::size_t rows) noexcept {
    if (rows == 0) return;
    const RowKernels& kernels = tables[static_cast<int>(active_kernels().isa)][function];
    const Operands& kinds = *row_functions().first[function].operands;
    const std::size_t count = std::strlen(kinds.inputs) + std::strlen(kinds.outputs);
    const bool wide = dtype == Dtype::float64;
    Pieces job{wide ? kernels.float64 : kernels.float32, kinds, wide ? 8u : 4u, false, {}, rows};
    for (std::size_t k = 0; k < count; ++k) job.whole.operands[k] = operands[k];
    job.whole.length = length;
    job.whole.rows = rows;
    job.whole.share = nullptr;
    job.gathered = worth_gathering(kinds, job.item, job.whole);

    // A small call does not even ask how many threads there are.
    const std::size_t threads =
        rows * length <= piece_size ? 1 : static_cast<std::size_t>(num_threads());
    job.rows_each = rows_each(length, rows, job.gathered, threads);
    const std::size_t pieces = (rows + job.rows_each - 1) / job.rows_each;
    // A few long rows would keep only some of the threads busy, or not all of them until the end.
    const bool few = rows < 4 * threads;
    if (pieces == 1 || threads == 1 || (few && length > piece_size)) {
        job.rows_each = rows;
        if (threads > 1) job.whole.share = share_out;
        run_piece(&job, 0);
    } else {
        parallel(pieces, run_piece, &job);
    }
}

}  // namespace nonlin
