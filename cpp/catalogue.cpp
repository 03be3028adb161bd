// The list of activations, read off the table.
#include <nonlin/core.h>
#include <nonlin/elementwise.h>
#include <nonlin/gated.h>
#include <nonlin/rowwise.h>

namespace nonlin {
namespace {

#define NONLIN_ENTRY(name, value_work, slope_work) {#name, &name::about, &name::parameters},
constexpr Activation entries[] = {NONLIN_ELEMENTWISE(NONLIN_ENTRY)};
#undef NONLIN_ENTRY

#define NONLIN_ENTRY(name) {#name, &name::operands},
constexpr RowFunction row_entries[] = {NONLIN_ROWWISE(NONLIN_ENTRY)};
#undef NONLIN_ENTRY

#define NONLIN_ENTRY(name, activation) #name,
constexpr const char* gated_entries[] = {NONLIN_GATED(NONLIN_ENTRY)};
#undef NONLIN_ENTRY

}  // namespace

Activations activations() noexcept { return {entries, sizeof entries / sizeof *entries}; }

RowFunctions row_functions() noexcept {
    return {row_entries, sizeof row_entries / sizeof *row_entries};
}

GatedUnits gated_units() noexcept {
    return {gated_entries, sizeof gated_entries / sizeof *gated_entries};
}

}  // namespace nonlin
