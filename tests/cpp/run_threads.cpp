// Large arrays: the same bits for any number of threads and for several callers at once.
#include <thread>
#include <vector>

#include "calls.h"
#include "check.h"

using namespace calls;

namespace {

// Results of a large call as bits, with a parameter per element.
class Large {
public:
    static constexpr std::size_t most = 20 * 32768 + 77;  // the pool serves cheap functions too
    static constexpr std::size_t usual = 3 * 32768 + 77;

    explicit Large(Dtype dtype) : dtype_(dtype), grad_(most), x_(most), parameter_(most) {
        for (std::size_t i = 0; i < most; ++i) {
            put_number(dtype, i + most, at(grad_, i));
            put_number(dtype, i, at(x_, i));
            parameter_[i] = 1 + 0.125 * static_cast<double>(i % 5);
        }
    }

    // Forwards or backwards; valid until the next call.
    const std::vector<double>& operator()(const Function& f, std::size_t n, std::ptrdiff_t sign) {
        const std::ptrdiff_t step = sign * size_of(dtype_);
        const std::size_t start = sign < 0 ? n - 1 : 0;
        out_.assign(2 * n, 0.0);
        const Array parameter{parameter_.data(), 8};
        const Array parameters[] = {parameter, parameter, parameter};
        const Array out[] = {{at(out_, start), step}, {at(out_, n + start), step}};
        f({at(grad_, start), step}, {at(x_, start), step}, parameters, out, n);
        return out_;
    }

private:
    void* at(std::vector<double>& v, std::size_t i) const {
        return reinterpret_cast<char*>(v.data()) + i * static_cast<std::size_t>(size_of(dtype_));
    }
    Dtype dtype_;
    std::vector<double> grad_, x_, parameter_, out_;
};

bool same(const std::vector<double>& a, const std::vector<double>& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

void thread_counts() {
    for (const Dtype dtype : dtypes) {
        Large large(dtype);
        for_each_function([&](const Function& f) {
            if (f.dtype != dtype || (check::sanitized && f.activation % 11 != 0)) return;
            const bool once = f.direction == Direction::value && dtype == Dtype::float32;
            const std::size_t n = once ? Large::most : Large::usual;
            for (const std::ptrdiff_t sign : {1, -1}) {
                nonlin::set_num_threads(1);
                const std::vector<double> expected = large(f, n, sign);
                for (const int threads : {2, 5}) {
                    nonlin::set_num_threads(threads);
                    CHECK(same(large(f, n, sign), expected), "%s %s %s, %d threads", f.name(),
                          f.way(), f.type(), threads);
                }
            }
        });
    }
}

void callers_at_once() {
    nonlin::set_num_threads(3);
    const Function f{nonlin::activations().count - 1, Direction::value_and_derivative,
                     Dtype::float32};
    const std::vector<double> expected = Large(f.dtype)(f, Large::usual, 1);
    std::vector<std::thread> callers;
    for (int i = 0; i < 6; ++i) {
        callers.emplace_back([&] {
            Large own(f.dtype);
            for (int k = 0; k < 10; ++k)
                CHECK(same(own(f, Large::usual, 1), expected), "call %d", k);
        });
    }
    for (std::thread& caller : callers) caller.join();
}

}  // namespace

int main() {
    thread_counts();
    callers_at_once();
    return check::result();
}
