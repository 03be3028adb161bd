// Numbers in the text of programs.
#pragma once

#include <charconv>
#include <cmath>
#include <string>

namespace nonlin::interface {

// The shortest text that reads back as the same number; `infinity` is what stands for that.
inline std::string shortest(double value, const std::string& infinity) {
    if (std::isinf(value)) return value < 0 ? "-" + infinity : infinity;
    char text[32];
    std::string result(text, std::to_chars(text, text + sizeof text, value).ptr);
    if (result.find_first_of(".e") == std::string::npos) result += ".0";
    return result;
}

}  // namespace nonlin::interface
