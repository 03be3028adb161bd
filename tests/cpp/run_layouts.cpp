// run() gives the same bits for every length and layout, touches nothing else, and works in place.
// Each element is first computed alone; the arrays lie against pages that may not be touched.
//
// run_layouts [k]: every k-th length only.
#include <algorithm>
#include <cstdlib>

#include "calls.h"
#include "check.h"
#include "guarded.h"

using namespace calls;

namespace {

constexpr std::size_t most = 300;
constexpr std::size_t room = most * 40;  // for the widest step below
enum Place { separate, over_x, over_grad_output };

// Numbers in, and their results one at a time: with a parameter per element, and with the first.
struct Expected {
    unsigned char grad_output[most * 8], x[most * 8];
    double parameter[3][most];
    std::uint64_t varying[2][most], uniform[2][most];

    explicit Expected(const Function& f) {
        const std::size_t size = static_cast<std::size_t>(size_of(f.dtype));
        for (std::size_t i = 0; i < most; ++i) {
            put_number(f.dtype, i + most, grad_output + i * size);
            put_number(f.dtype, i, x + i * size);
            for (int k = 0; k < f.parameters(); ++k) {
                const double fallback = f.entry().parameters->list[k].fallback;
                parameter[k][i] = fallback + 0.125 * static_cast<double>((i + k) % 5);
            }
        }
        for (std::size_t i = 0; i < most; ++i) {
            one(f, i, i, varying);
            one(f, i, 0, uniform);
        }
    }

    void one(const Function& f, std::size_t i, std::size_t p, std::uint64_t (&to)[2][most]) {
        const std::size_t size = static_cast<std::size_t>(size_of(f.dtype));
        double result[2];
        const Array parameters[] = {
            {&parameter[0][p], 0}, {&parameter[1][p], 0}, {&parameter[2][p], 0}};
        const Array out[] = {{&result[0], 0}, {&result[1], 0}};
        f({grad_output + i * size, 0}, {x + i * size, 0}, parameters, out, 1);
        for (int k = 0; k < outputs(f.direction); ++k) to[k][i] = bits_at(f.dtype, &result[k]);
    }
};

void spread(const void* from, std::size_t n, std::ptrdiff_t size, Array to) {
    for (std::size_t i = 0; i < (to.step == 0 ? std::min<std::size_t>(n, 1) : n); ++i) {
        const std::ptrdiff_t k = static_cast<std::ptrdiff_t>(i);
        std::memcpy(static_cast<char*>(to.at) + k * to.step,
                    static_cast<const char*>(from) + k * size, static_cast<std::size_t>(size));
    }
}

struct Steps {
    std::ptrdiff_t input, parameter, output;
};

class Arrays {
public:
    void check(const Function& f, const Expected& e, std::size_t n, Steps steps, Place place) {
        const std::ptrdiff_t size = size_of(f.dtype);
        const Array grad{grad_.place(n, steps.input, size), steps.input};
        const Array x{x_.place(n, steps.input, size), steps.input};
        spread(e.grad_output, n, size, grad);
        spread(e.x, n, size, x);
        Array parameters[3], out[2];
        for (int k = 0; k < f.parameters(); ++k) {
            parameters[k] = {parameter_[k].place(n, steps.parameter, 8), steps.parameter};
            spread(e.parameter[k], n, 8, parameters[k]);
        }
        for (Guarded& memory : out_) std::fill_n(memory.first(), room, untouched);
        const int count = outputs(f.direction);
        for (int k = 0; k < count; ++k)
            out[k] = {out_[k].place(n, steps.output, size), steps.output};
        if (place == over_x) out[n % static_cast<std::size_t>(count)] = x;
        if (place == over_grad_output) out[0] = grad;

        f(grad, x, parameters, out, n);

        const bool uniform = steps.parameter == 0;
        for (int k = 0; k < count; ++k) {
            for (std::size_t i = 0; i < n; ++i) {
                char* const at =
                    static_cast<char*>(out[k].at) + static_cast<std::ptrdiff_t>(i) * out[k].step;
                const auto& rows = uniform ? e.uniform[k] : e.varying[k];
                const bool same = bits_at(f.dtype, at) == rows[steps.input == 0 ? 0 : i];
                CHECK(same, "%s %s %s %s, element %zu of %zu, steps %td %td %td, place %d",
                      nonlin::isa(), f.name(), f.way(), f.type(), i, n, steps.input,
                      steps.parameter, steps.output, place);
                std::fill_n(at, size, untouched);
            }
        }
        for (const Guarded& memory : out_) {
            // Each byte equals the next.
            const char* const all = memory.first();
            const bool clean = *all == untouched && std::memcmp(all, all + 1, room - 1) == 0;
            CHECK(clean, "%s %s %s %s, n %zu: wrote beside its output", nonlin::isa(), f.name(),
                  f.way(), f.type(), n);
        }
    }

private:
    static constexpr char untouched = 0x5A;
    Guarded grad_{room}, x_{room}, parameter_[3] = {Guarded{room}, Guarded{room}, Guarded{room}},
                                   out_[2] = {Guarded{room}, Guarded{room}};
};

}  // namespace

int main(int argc, char** argv) {
    const std::size_t usual = check::sanitized ? 29 : 1;
    const std::size_t every = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : usual;
    Arrays arrays;
    for_each_isa([&](const char*) {
        for_each_function([&](const Function& f) {
            const Expected e(f);
            const std::ptrdiff_t s = size_of(f.dtype);
            for (std::size_t n = 0; n <= most; n += every) {
                arrays.check(f, e, n, {s, 8, s}, separate);
                arrays.check(f, e, n, {s, 0, s}, over_x);
            }
            for (const std::size_t n : {1, 2, 7, 33, 255, 256, 257, 300}) {
                for (const Steps steps : {Steps{-s, 8, s}, Steps{s, -8, -s}, Steps{2 * s, 16, s},
                                          Steps{s, 0, 3 * s}, Steps{s + 1, 9, s + 3},
                                          Steps{-s - 1, 24, 37}, Steps{0, 0, s}, Steps{0, 0, -s}}) {
                    arrays.check(f, e, n, steps, separate);
                }
                arrays.check(f, e, n, {s + 3, 8, s + 3}, over_x);
                arrays.check(f, e, n, {-s, 0, -s}, over_x);
                if (f.direction == Direction::backward) {
                    arrays.check(f, e, n, {s, 8, s}, over_grad_output);
                    arrays.check(f, e, n, {2 * s, 8, 2 * s}, over_grad_output);
                }
            }
        });
    });
    return check::result();
}
