// Found in place of src/nonlin/fn.h: without forced inlining the emulated kernels, whose every
// operation is long, compile ten times faster. Nothing here meets code for other CPUs.
#pragma once

#define NONLIN_FN inline
#define NONLIN_TABLE constexpr
