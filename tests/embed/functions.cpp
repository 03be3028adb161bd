// The functions for C++, against the C library's.
#include <nonlin/nonlin.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "check.h"

int main() {
    constexpr std::size_t n = 1000;
    std::vector<float> x(n), y(n), d(n), both(n), slope(n), g(n);
    std::vector<double> wide(n), of_wide(n);
    for (std::size_t i = 0; i < n; ++i) {
        x[i] = static_cast<float>(i) / 50 - 10;
        wide[i] = x[i];
        g[i] = 2;
    }
    const auto near = [](double got, double expected) {
        return std::abs(got - expected) <= 1e-6 * std::abs(expected) + 1e-30;
    };
    nonlin::gelu(x.data(), y.data(), n);
    nonlin::gelu_derivative(x.data(), d.data(), n);
    nonlin::gelu_value_and_derivative(x.data(), both.data(), slope.data(), n);
    nonlin::gelu_backward(g.data(), x.data(), g.data(), n);
    nonlin::gelu(wide.data(), of_wide.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
        const double expected = wide[i] * std::erfc(-wide[i] / std::sqrt(2.0)) / 2;
        CHECK(near(y[i], expected) && near(of_wide[i], expected));
        CHECK(g[i] == 2 * d[i] && both[i] == y[i] && slope[i] == d[i]);
    }
    for (std::size_t i = 0; i < n; i += 99) {
        CHECK(nonlin::gelu(x[i]) == y[i] && nonlin::gelu_derivative(x[i]) == d[i]);
        CHECK(nonlin::gelu(wide[i]) == of_wide[i]);
        CHECK(near(nonlin::elu(-wide[i] - 11, 0.5), 0.5 * std::expm1(-wide[i] - 11)));
    }
    nonlin::elu(x.data(), y.data(), n);
    nonlin::elu(x.data(), both.data(), n, 0.5);
    for (std::size_t i = 0; i < n; ++i) {
        const double below = std::expm1(wide[i]);
        CHECK(near(y[i], x[i] > 0 ? x[i] : below));
        CHECK(near(both[i], x[i] > 0 ? x[i] : 0.5 * below));
    }
    nonlin::softmax(wide.data(), of_wide.data(), 10, n / 10);
    for (std::size_t row = 0; row < 10; ++row) {
        double sum = 0;
        for (std::size_t i = 0; i < n / 10; ++i) sum += of_wide[row * n / 10 + i];
        CHECK(near(sum, 1));
    }
    std::vector<double> totals(10);
    nonlin::logsumexp(wide.data(), totals.data(), 10, n / 10, 2.0);
    for (std::size_t row = 0; row < 10; ++row) {
        double sum = 0;
        for (std::size_t i = 0; i < n / 10; ++i) sum += std::exp(wide[row * n / 10 + i] / 2);
        CHECK(near(totals[row], std::log(sum)));
    }
    nonlin::swiglu(x.data(), g.data(), y.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
        CHECK(near(y[i], wide[i] / (1 + std::exp(-wide[i])) * g[i]));
    }
    nonlin::relu(x.data(), y.data(), 0);
    CHECK(std::strcmp(nonlin_version(), NONLIN_VERSION) == 0);
    CHECK(nonlin_set_isa("no such") == 0 && nonlin_set_isa(nullptr) == 0);
    CHECK(nonlin_set_isa("scalar") == 1);
    CHECK(std::strcmp(nonlin_isa(), "scalar") == 0 && nonlin_isa_error() == nullptr);
    nonlin_set_num_threads(3);
    CHECK(nonlin_num_threads() == 3);
}
