// The one order in which the terms of a row are added, whatever the function, the lanes, the
// threads and the machine.
//
// A row is cut into chunks. In a chunk term i goes to sum i mod `ways`, and these sums are added as
// a binary tree: sum i and sum i + ways / 2, and so on. The totals of the chunks are added in turn
// within a section, and those of the sections in turn.
//
// Terms of float32 rows may have second parts, of which float32 sums are enough if they are short:
// part i goes to float32 sum i mod `low_ways` of its group of neighbours, the groups' sums are
// added in turn, and what they make in a chunk is one further term for the first `low_ways` sums.
#pragma once

#include <nonlin/fn.h>

namespace nonlin {
namespace row_order {

using Count = decltype(sizeof 0);

constexpr Count ways = 32, low_ways = 16;
constexpr Count group = 16 * low_ways;  // terms
constexpr Count chunk = 8 * group;
constexpr Count least_section = 16 * chunk, most_sections = 1024;

NONLIN_FN constexpr Count section_length(Count n) {
    Count length = least_section;
    while (length * most_sections < n) length *= 2;
    return length;
}

}  // namespace row_order
}  // namespace nonlin
