// What the names of functions end with.
#pragma once

#include <nonlin/direction.h>

namespace nonlin {

// In the order of Direction.
constexpr const char* direction_suffixes[direction_count] = {"", "_derivative", "_backward",
                                                             "_value_and_derivative"};

}  // namespace nonlin
