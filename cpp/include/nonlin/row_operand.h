// Where the rows of one operand lie.
#pragma once

#include <stddef.h>

namespace nonlin {

// Row r's element i lies at `at + r * outer + i * core` (bytes); core is unused for an operand that
// has one number per row.
struct RowOperand {
    char* at;
    ptrdiff_t outer, core;
};

}  // namespace nonlin
