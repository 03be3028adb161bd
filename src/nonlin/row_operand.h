// Where the rows of one operand lie.
#pragma once

namespace nonlin {

// Row r's element i lies at `at + r * outer + i * core` (bytes); core is unused for an operand that
// has one number per row.
struct RowOperand {
    char* at;
    __PTRDIFF_TYPE__ outer, core;
};

}  // namespace nonlin
