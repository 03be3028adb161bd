// Functors of other programs, over the pieces of large arrays.
#include <nonlin/map.h>

#include "dispatch.h"
#include "pack/fp_environment.h"
#include "parallel.h"

namespace nonlin {
namespace {

constexpr int most_inputs = 3;

struct Map {
    MapKernel kernel;
    const void* f;
    const char* inputs[most_inputs];
    char* output;
    int count;
    std::size_t item_size, n;
};

void run_piece(void* context, std::size_t piece) {
    const Map& map = *static_cast<const Map*>(context);
    const std::size_t begin = piece * piece_size, left = map.n - begin;
    const void* inputs[most_inputs] = {};
    for (int k = 0; k < map.count; ++k) inputs[k] = map.inputs[k] + begin * map.item_size;
    const DefaultEnvironment environment;
    map.kernel(map.f, inputs, map.output + begin * map.item_size,
               left < piece_size ? left : piece_size);
}

}  // namespace

void run_map(const MapKernels& kernels, const void* f, const void* const* inputs, int count,
             void* output, std::size_t item_size, std::size_t n) noexcept {
    const int isa = static_cast<int>(active_kernels().isa);
    Map map{kernels.of[isa < kernels.count ? isa : static_cast<int>(Isa::scalar)],
            f,
            {},
            static_cast<char*>(output),
            count,
            item_size,
            n};
    for (int k = 0; k < count; ++k) map.inputs[k] = static_cast<const char*>(inputs[k]);
    const std::size_t pieces = (n + piece_size - 1) / piece_size;
    if (pieces == 1) {
        run_piece(&map, 0);
    } else if (pieces > 1) {
        parallel(pieces, run_piece, &map);
    }
}

}  // namespace nonlin
