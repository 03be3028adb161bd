// Functors of this program's own, on every instruction set.
#include <nonlin/map.h>
#include <nonlin/nonlin.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "check.h"
#include "wave.h"

template <class T>
std::vector<T> bent(std::size_t n, T tolerance) {
    std::vector<T> x(n), g(n), y(n), gradient(n);
    for (std::size_t i = 0; i < n; ++i) {
        x[i] = static_cast<T>(i % 4001) / 100 - 20;
        g[i] = static_cast<T>(i % 7);
    }
    nonlin::map(Wave{2}, x.data(), y.data(), n);
    nonlin::map(WaveGradient{2}, g.data(), x.data(), gradient.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
        const long double a = x[i], below = 2 + a * a, value = a / below,
                          slope = g[i] * (2 - a * a) / (below * below);
        CHECK(std::abs(y[i] - value) <= tolerance * std::abs(value));
        CHECK(std::abs(gradient[i] - slope) <= tolerance * 10);
    }
    return y;
}

// In float64, where the product by 2 rounds nothing, the bits of the library.
void test_formula() {
    std::vector<double> x(1001), y(1001), expected(1001);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i) / 50 - 10;
    nonlin::map(TwiceGelu{}, x.data(), y.data(), x.size());
    nonlin::gelu(x.data(), expected.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(y[i] == 2 * expected[i]);
}

int main() {
    test_formula();
    // Tails of every length, and enough for several threads.
    for (const std::size_t n : {0, 1, 2, 3, 5, 8, 13, 31, 32, 33, 100, 200000}) {
        const char* const isas[] = {"scalar", "avx2", "avx512"};
        std::vector<float> before;
        for (const char* isa : isas) {
            if (!nonlin::set_isa(isa)) continue;
            const std::vector<float> y = bent<float>(n, 2e-7f);
            bent<double>(n, 4e-16);
            CHECK(before.empty() || std::memcmp(before.data(), y.data(), n * sizeof(float)) == 0);
            before = y;
        }
    }
}
