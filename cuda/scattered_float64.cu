#define NONLIN_ITEM double
#include "elementwise.cuh"

namespace nonlin::cuda {
namespace {
constexpr ScatteredRow activations[] = {NONLIN_ELEMENTWISE(NONLIN_SCATTERED)};
constexpr ScatteredRow gated[] = {NONLIN_GATED(NONLIN_GATED_SCATTERED)};
}  // namespace

const ElementwiseTable<ScatteredRow> scattered_float64 = {activations, gated};

}  // namespace nonlin::cuda
