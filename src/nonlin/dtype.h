// The number types of data.
#pragma once

namespace nonlin {

enum class Dtype { float16, bfloat16, float32, float64 };

constexpr int dtype_count = 4;
constexpr int half_count = 2;  // the first of them, which are computed in float32

}  // namespace nonlin
