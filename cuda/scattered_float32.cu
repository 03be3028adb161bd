#define NONLIN_ITEM float
#include "elementwise.cuh"

namespace nonlin::cuda {
namespace {
constexpr ScatteredRow activations[] = {NONLIN_ELEMENTWISE(NONLIN_SCATTERED)};
constexpr ScatteredRow gated[] = {NONLIN_GATED(NONLIN_GATED_SCATTERED)};
}  // namespace

const ElementwiseTable<ScatteredRow> scattered_float32 = {activations, gated};

}  // namespace nonlin::cuda
