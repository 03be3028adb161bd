// Random float32 rows through softmax, its logarithm and logsumexp against long double (64 bits):
// largest error in ULP, and where. Rows are short, long and in between, flat and dominated by one
// entry, of few distinct values, shifted far from zero, and of temperatures from 0.3 to 2.3.
//
//     sweep_rows [rows]      20000 if not given
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <nonlin/core.h>

namespace {

struct Row {
    std::vector<float> x;
    double temperature;
};

Row random_row(std::mt19937_64& random) {
    const auto one_of = [&](std::initializer_list<double> all) {
        return all.begin()[random() % all.size()];
    };
    const auto between = [&](std::size_t low, std::size_t high) {
        return low + random() % (high - low + 1);
    };
    const std::size_t lengths[] = {2, between(2, 23), between(24, 63), 300, between(2000, 2100)};
    Row row;
    row.x.resize(lengths[random() % 5]);
    std::normal_distribution<double> normal(0, one_of({0.5, 2, 6, 12, 30}));
    const double shift = one_of({0, 0, 0, 100, -1000});
    const std::size_t distinct = random() % 3 ? row.x.size() : between(1, 3);
    for (std::size_t i = 0; i < row.x.size(); ++i) {
        row.x[i] = i < distinct ? static_cast<float>(normal(random) + shift) : row.x[i % distinct];
    }
    std::shuffle(row.x.begin(), row.x.end(), random);
    row.temperature = random() % 2 ? 1.0 : 0.3 + static_cast<double>(random() % 1000) / 500;
    return row;
}

// Right to a few units of 2^-64, so to 2^-38 ULP of float32, but for logsumexp near 0.
std::vector<long double> exact(const Row& row, const std::string& name) {
    const auto top = std::max_element(row.x.begin(), row.x.end());
    std::vector<long double> u, y;
    long double others = 0;  // than one maximum
    for (auto x = row.x.begin(); x != row.x.end(); ++x) {
        u.push_back((static_cast<long double>(*x) - *top) / row.temperature);
        if (x != top) others += std::exp(u.back());
    }
    if (name == "logsumexp")
        return {static_cast<long double>(*top) / row.temperature + std::log1p(others)};
    for (const long double a : u) {
        y.push_back(name == "softmax" ? std::exp(a) / (1 + others) : a - std::log1p(others));
    }
    return y;
}

double error(float y, long double exact) {
    int exponent;
    std::frexp(exact, &exponent);
    return static_cast<double>(std::fabs(y - exact) /
                               std::ldexp(1.0L, std::max(exponent - 24, -149)));
}

void sweep(const std::string& name, std::size_t rows) {
    std::size_t function = 0;
    while (nonlin::row_functions().first[function].name != name) ++function;
    std::mt19937_64 random(1);
    double worst = 0;
    std::size_t entries = 0, above_one = 0;
    Row at;
    long double of = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        Row row = random_row(random);
        const std::size_t n = row.x.size();
        std::vector<float> y(n);
        const nonlin::RowOperand operands[] = {
            {reinterpret_cast<char*>(row.x.data()), 0, sizeof(float)},
            {reinterpret_cast<char*>(&row.temperature), 0, 0},
            {reinterpret_cast<char*>(y.data()), 0, sizeof(float)}};
        nonlin::run_rows(function, nonlin::Dtype::float32, operands, n, 1);
        const std::vector<long double> right = exact(row, name);
        for (std::size_t i = 0; i < right.size(); ++i) {
            const double e = error(y[i], right[i]);
            above_one += e > 1;
            if (e > worst) {
                worst = e;
                of = right[i];
                at = row;
            }
        }
        entries += right.size();
    }
    std::printf("%-12s %10zu results of %zu rows  max %.4f ULP, of %.8Lg in a row of %zu, "
                "temperature %g  above 1 ULP %zu\n",
                name.c_str(), entries, rows, worst, of, at.x.size(), at.temperature, above_one);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20000;
    nonlin::set_num_threads(1);
    for (const char* name : {"softmax", "log_softmax", "logsumexp"}) sweep(name, rows);
}
