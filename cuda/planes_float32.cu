#define NONLIN_ITEM float
#include "elementwise.cuh"

namespace nonlin::cuda {
namespace {
constexpr PlanesRow activations[] = {NONLIN_ELEMENTWISE(NONLIN_PLANES)};
constexpr PlanesRow gated[] = {NONLIN_GATED(NONLIN_GATED_PLANES)};
}  // namespace

const ElementwiseTable<PlanesRow> planes_of_float32 = {activations, gated};

}  // namespace nonlin::cuda
