// The instruction sets that there are kernels for, in the order of all tables with a place for
// each.
#pragma once

#define NONLIN_ISAS(X) X(scalar) X(avx2) X(avx512)

namespace nonlin {

#define NONLIN_NAME(name) name,
enum class Isa { NONLIN_ISAS(NONLIN_NAME) count };
#undef NONLIN_NAME
constexpr int isa_count = static_cast<int>(Isa::count);

}  // namespace nonlin
