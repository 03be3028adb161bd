// Sweeps float32 inputs of the functions that have a formula of their own for float32 lanes (and of
// a few others) against the C library's double functions: largest error in ULP, where, how many
// results are not correctly rounded, how many are off by more than one ULP.
//
//     sweep [every] [name ...]      every = 1: all 2^32 bit patterns
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <nonlin/core.h>

namespace {

double normal(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }
double sigmoid(double x) {
    return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
double slope(double x) {
    const double e = std::exp(-std::fabs(x));
    return e / ((1 + e) * (1 + e));
}

struct Case {
    const char* name;
    nonlin::Direction direction;
    double (*reference)(double);
};

// Each reference is right to a few units of float64, so to 2^-27 ULP of float32.
const Case cases[] = {
    {"leaky_relu", nonlin::Direction::value, [](double x) { return x < 0 ? x / 100 : x; }},
    {"leaky_relu6", nonlin::Direction::value,
     [](double x) { return std::isnan(x) ? x : std::fmin(x < 0 ? x / 100 : x, 6); }},
    {"hard_sigmoid", nonlin::Direction::value,
     [](double x) { return std::isnan(x) ? x : std::fmin(std::fmax(x + 3, 0), 6) / 6; }},
    {"hard_silu", nonlin::Direction::value,
     [](double x) { return x >= 3    ? x
                           : x <= -3 ? -0.0
                                     : x * (x + 3) / 6; }},
    {"exponential", nonlin::Direction::value, [](double x) { return std::exp(x); }},
    {"sigmoid", nonlin::Direction::value, sigmoid},
    {"sigmoid", nonlin::Direction::derivative, slope},
    {"tanh", nonlin::Direction::value, [](double x) { return std::tanh(x); }},
    {"tanh", nonlin::Direction::derivative, [](double x) { return 4 * slope(2 * x); }},
    {"elu", nonlin::Direction::value, [](double x) { return x > 0 ? x : std::expm1(x); }},
    {"silu", nonlin::Direction::value,
     [](double x) { return std::isinf(x) && x < 0 ? -0.0 : x * sigmoid(x); }},
    {"softplus", nonlin::Direction::value,
     [](double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }},
    {"gelu", nonlin::Direction::value,
     [](double x) { return std::isinf(x) && x < 0 ? -0.0 : x * normal(x); }},
};

double spacing(double exact) {
    int exponent;
    std::frexp(exact, &exponent);
    return std::ldexp(1.0, std::max(exponent - 24, -149));
}

void sweep(const Case& c, std::uint64_t every) {
    std::size_t index = 0;
    const nonlin::Activations all = nonlin::activations();
    while (std::strcmp(all.first[index].name, c.name) != 0) ++index;
    const nonlin::Parameters& parameters = *all.first[index].parameters;

    constexpr std::size_t block = 1 << 14;
    std::vector<float> x(block), y(block);
    double worst = 0;
    float worst_at = 0;
    std::uint64_t wrong = 0, above_one = 0, count = 0, next = 0;
    while (next < (std::uint64_t{1} << 32)) {
        std::size_t n = 0;
        for (; n < block && next < (std::uint64_t{1} << 32); ++n, next += every) {
            const std::uint32_t bits = static_cast<std::uint32_t>(next);
            std::memcpy(&x[n], &bits, sizeof bits);
        }
        char* args[5];
        std::ptrdiff_t steps[5];
        int k = 0;
        const auto add = [&](const void* at, std::ptrdiff_t step) {
            args[k] = static_cast<char*>(const_cast<void*>(at));
            steps[k++] = step;
        };
        add(x.data(), sizeof(float));
        for (int p = 0; p < parameters.count; ++p) add(&parameters.list[p].fallback, 0);
        add(y.data(), sizeof(float));
        nonlin::run(index, c.direction, nonlin::Dtype::float32, args, steps, n);
        for (std::size_t i = 0; i < n; ++i) {
            const double exact = c.reference(x[i]);
            const float nearest = static_cast<float>(exact);
            ++count;
            if (std::isnan(exact)) {
                if (!std::isnan(y[i])) worst = INFINITY;
                continue;
            }
            if (y[i] == nearest) {
                if (std::isinf(nearest)) continue;
            } else {
                ++wrong;
            }
            const double error = std::fabs(y[i] - exact) / spacing(exact);
            above_one += error > 1;
            if (error > worst) {
                worst = error;
                worst_at = x[i];
            }
        }
    }
    std::printf(
        "%-12s %-10s %11llu inputs  max %.4f ULP at %a  wrongly rounded %llu  above 1 ULP %llu\n",
        c.name, c.direction == nonlin::Direction::value ? "value" : "derivative",
        static_cast<unsigned long long>(count), worst, static_cast<double>(worst_at),
        static_cast<unsigned long long>(wrong), static_cast<unsigned long long>(above_one));
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t every = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 257;
    nonlin::set_num_threads(1);
    for (const Case& c : cases) {
        bool wanted = argc <= 2;
        for (int i = 2; i < argc; ++i) wanted = wanted || std::strcmp(argv[i], c.name) == 0;
        if (wanted) sweep(c, every);
    }
}
