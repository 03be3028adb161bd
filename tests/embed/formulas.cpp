// The formulas alone, in one lane: headers, and no library.
#include <nonlin/elementwise/gelu.h>
#include <nonlin/elementwise/tanh.h>
#include <nonlin/scalar.h>

#include <cmath>

#include "check.h"

using nonlin::scalar::f32;
using nonlin::scalar::f32w;
using nonlin::scalar::f64;

int main() {
    for (double x = -6; x < 6; x += 0.01) {
        const double expected = x * std::erfc(-x / std::sqrt(2.0)) / 2;
        CHECK(std::abs(nonlin::gelu::value(f64(x)).v - expected) <= 2e-14 * std::abs(expected));
        const auto narrow = static_cast<float>(x);
        const double near = narrow * std::erfc(-narrow / std::sqrt(2.0)) / 2;
        CHECK(std::abs(nonlin::gelu::value(f32w(narrow)).v - near) <= 1e-8 * std::abs(near));
        CHECK(std::abs(nonlin::tanh::value(f32(narrow)).v - std::tanh(narrow)) <= 1e-7f);
    }
}
