// What can be computed of an activation: f(x), f'(x), grad_output f'(x), and the first two at once.
#pragma once

namespace nonlin {

enum class Direction { value, derivative, backward, value_and_derivative };
constexpr int direction_count = 4;

}  // namespace nonlin
