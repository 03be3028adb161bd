// Functors of this program's own, on every instruction set.
#include <nonlin/map.h>
#include <nonlin/nonlin.h>

#include <xmmintrin.h>

#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
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

// Numbers of all sizes, NaN and infinities among them, and each beside each.
template <class T>
struct Pairs {
    std::vector<T> x, y;

    Pairs() {
        using Limits = std::numeric_limits<T>;
        std::vector<T> numbers = {0, Limits::quiet_NaN(), Limits::infinity(), Limits::max()};
        for (const T part : {T(1), T(2), T(3), T(1000)}) {
            numbers.insert(numbers.end(), {part, part * Limits::denorm_min()});
        }
        for (T size = T(1e-30); size < T(1e30); size *= 7) numbers.push_back(size);
        for (T near = 0; near < 4; near += T(0.3)) numbers.push_back(near);
        for (const T a : numbers) {
            for (const T b : numbers) {
                x.insert(x.end(), {a, a, -a, -a});
                y.insert(y.end(), {b, -b, b, -b});
            }
        }
    }
};

// How a thread may have its floating-point unit round, and treat subnormal numbers.
struct Settings {
    int rounding;
    unsigned flush;
};

// One pattern for every NaN: sign and payload are not promised.
template <class T>
T with_one_nan(T number) {
    return std::isnan(number) ? std::numeric_limits<T>::quiet_NaN() : number;
}

template <class F, class T>
std::vector<T> mapped(const Pairs<T>& pairs, Settings settings) {
    std::vector<T> z(pairs.x.size());
    std::fenv_t usual;
    std::fegetenv(&usual);
    std::fesetround(settings.rounding);
    const unsigned given = _mm_getcsr() | settings.flush;
    _mm_setcsr(given);
    nonlin::map(F{}, pairs.x.data(), pairs.y.data(), z.data(), z.size());
    const unsigned left = _mm_getcsr();
    std::fesetenv(&usual);
    CHECK(left == given);
    for (T& number : z) number = with_one_nan(number);
    return z;
}

// The functor called here, one lane at a time.
template <class F, class T>
std::vector<T> called(const Pairs<T>& pairs) {
    using namespace nonlin::scalar;
    using Narrow = std::conditional_t<nonlin::is_wide<F>, f32w, f32>;
    using V = std::conditional_t<std::is_same_v<T, double>, f64, Narrow>;
    std::vector<T> z(pairs.x.size());
    for (std::size_t i = 0; i < z.size(); ++i) {
        F{}(V::load(&pairs.x[i]), V::load(&pairs.y[i])).store(&z[i]);
        z[i] = with_one_nan(z[i]);
    }
    return z;
}

// The bits are the same on every instruction set, and whatever the caller's settings.
template <class F, class T>
void test_words() {
    const Pairs<T> pairs;
    constexpr unsigned zeros = 0x8040;  // subnormal results and inputs are flushed to zero
    const std::vector<T> expected = called<F>(pairs);
    for (const char* const* isa = nonlin::available_isas(); *isa != nullptr; ++isa) {
        CHECK(nonlin::set_isa(*isa));
        for (const int rounding : {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO}) {
            for (const unsigned flush : {0u, zeros}) {
                const std::vector<T> z = mapped<F>(pairs, {rounding, flush});
                CHECK(std::memcmp(z.data(), expected.data(), z.size() * sizeof(T)) == 0);
            }
        }
    }
}

int main() {
    test_formula();
    test_words<Vocabulary, float>();
    test_words<WideVocabulary, float>();
    test_words<Vocabulary, double>();
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
