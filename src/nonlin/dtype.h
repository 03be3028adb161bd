// The number types of data.
#pragma once

namespace nonlin {

enum class Dtype { float16, float32, float64 };

constexpr int dtype_count = 3;

}  // namespace nonlin
