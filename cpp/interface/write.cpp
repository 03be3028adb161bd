// Writes nonlin/nonlin.h, the functions for C and C++ programs, and their definitions, from the
// tables of the core.
//
//     nonlin_interface HEADER DEFINITIONS DEFINITIONS_OF_ROWS VERSION
#include <nonlin/core.h>
#include <nonlin/suffixes.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "shortest.h"

namespace {

using nonlin::interface::shortest;

struct Number {
    std::string name, fallback;
};

// A function for float and for double.
struct Function {
    std::string name, about;
    std::vector<std::string> inputs, outputs, counts;
    std::vector<Number> numbers;
    std::string call;  // what its definition calls, and the first arguments of that

    bool of_rows() const { return counts.size() > 1; }
    // Whether C++ has it for one number too.
    bool of_one() const { return inputs.size() == 1 && outputs.size() == 1 && !of_rows(); }
};

// In the order of Direction.
struct Way {
    const char* direction;
    std::vector<std::string> inputs, outputs;
};
const Way ways[nonlin::direction_count] = {
    {"value", {"x"}, {"y"}},
    {"derivative", {"x"}, {"derivative"}},
    {"backward", {"grad_output", "x"}, {"grad_input"}},
    {"value_and_derivative", {"x"}, {"y", "derivative"}},
};

// Formula and parameters, these as in "0.0 <= alpha < inf".
std::string about(const nonlin::Activation& activation) {
    std::string text =
        activation.about->summary + std::string(" f(x) = ") + activation.about->value;
    const nonlin::Parameters& parameters = *activation.parameters;
    for (int k = 0; k < parameters.count; ++k) {
        const nonlin::Parameter& p = parameters.list[k];
        text += (k == 0 ? "\n * " : ", ") + shortest(p.low, "inf") +
                (p.low_included ? " <= " : " < ") + p.name + (p.high_included ? " <= " : " < ") +
                shortest(p.high, "inf");
    }
    if (parameters.ordered) {
        text += std::string(", ") + parameters.list[0].name + " <= " + parameters.list[1].name;
    }
    return text;
}

void add_activations(std::vector<Function>& all) {
    const nonlin::Activations activations = nonlin::activations();
    for (std::size_t i = 0; i < activations.count; ++i) {
        const nonlin::Activation& activation = activations.first[i];
        for (int d = 0; d < nonlin::direction_count; ++d) {
            const Way& way = ways[d];
            Function f;
            f.name = activation.name + std::string(nonlin::direction_suffixes[d]);
            if (d == 0) f.about = about(activation);
            f.inputs = way.inputs;
            f.outputs = way.outputs;
            f.counts = {"n"};
            for (int k = 0; k < activation.parameters->count; ++k) {
                const nonlin::Parameter& p = activation.parameters->list[k];
                f.numbers.push_back({p.name, shortest(p.fallback, "__builtin_inf()")});
            }
            f.call = "activation(" + std::to_string(i) + ", Direction::" + way.direction;
            all.push_back(f);
        }
    }
}

void add_gated_units(std::vector<Function>& all) {
    const nonlin::GatedUnits units = nonlin::gated_units();
    for (std::size_t i = 0; i < units.count; ++i) {
        const std::string name = units.first[i], number = std::to_string(i);
        all.push_back({name,
                       "Gated unit: y = act(a) b.",
                       {"a", "b"},
                       {"y"},
                       {"n"},
                       {},
                       "gated_unit(" + number + ", false"});
        all.push_back({name + "_backward",
                       "",
                       {"grad_output", "a", "b"},
                       {"grad_a", "grad_b"},
                       {"n"},
                       {},
                       "gated_unit(" + number + ", true"});
    }
}

// Those that take rows of the data's type, numbers of it, and a temperature.
void add_row_functions(std::vector<Function>& all) {
    const nonlin::RowFunctions functions = nonlin::row_functions();
    for (std::size_t i = 0; i < functions.count; ++i) {
        const nonlin::RowFunction& function = functions.first[i];
        const std::string inputs = function.operands->inputs, outputs = function.operands->outputs;
        const bool plain = inputs.find_first_not_of("xsp") == std::string::npos;
        if (!plain || outputs.size() != 1) continue;
        Function f;
        f.name = function.name;
        const bool backward = f.name.find("backward") != std::string::npos;
        const std::size_t rows = inputs.size() - (inputs.back() == 'p' ? 1 : 0);
        f.inputs = !backward               ? std::vector<std::string>{"x"}
                   : inputs.front() == 's' ? std::vector<std::string>{"grad_output", "x"}
                                           : std::vector<std::string>{"grad_output", "y"};
        if (f.inputs.size() != rows) continue;
        f.outputs = {backward ? "grad_input" : "y"};
        f.counts = {"rows", "length"};
        if (rows < inputs.size()) f.numbers = {{"temperature", "1.0"}};
        f.about = outputs == "s"          ? "Of each row; y has one number for each."
                  : inputs.front() == 's' ? "grad_output has one number for each row."
                                          : "";
        f.call = "row_function(" + std::to_string(i);
        all.push_back(f);
    }
}

std::string joined(const std::vector<std::string>& parts) {
    std::string all;
    for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
    return all;
}

std::string number_parameters(const Function& f, bool defaults) {
    std::vector<std::string> all;
    for (const Number& n : f.numbers) {
        all.push_back("double " + n.name + (defaults ? " = " + n.fallback : ""));
    }
    return joined(all);
}

std::string parameters(const Function& f, const std::string& type, bool defaults) {
    std::vector<std::string> all;
    for (const std::string& name : f.inputs) all.push_back("const " + type + "* " + name);
    for (const std::string& name : f.outputs) all.push_back(type + "* " + name);
    for (const std::string& name : f.counts) {
        all.push_back((defaults ? "std::size_t " : "size_t ") + name);
    }
    if (!f.numbers.empty()) all.push_back(number_parameters(f, defaults));
    return joined(all);
}

std::vector<std::string> names(const std::vector<Number>& numbers) {
    std::vector<std::string> all;
    for (const Number& n : numbers) all.push_back(n.name);
    return all;
}

std::string arguments(const Function& f) {
    std::vector<std::string> all = f.inputs;
    for (const auto& more : {f.outputs, f.counts, names(f.numbers)}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    return joined(all);
}

struct Type {
    const char *name, *suffix, *dtype;
};
const Type types[] = {{"float", "_f32", "float32"}, {"double", "_f64", "float64"}};

const char* const opening =
    R"(/* The functions of nonlin for C and C++. Made from the core's tables by the build.
 *
 * Arrays are contiguous, and have n elements, or `rows` rows of `length` elements one after
 * another. An output may be an input of the same size; other overlaps are not allowed. Every number
 * of the type is allowed in arrays, NaN and infinities included. Parameters outside of the intervals
 * in the comments lead to results without a meaning, and to no error; a temperature lies from 1e-30
 * to 1e30, and that of softmax_backward may be negative, for softmin. C++ has the functions without
 * nonlin_ and _f32 or _f64 in namespace nonlin, with the default parameters, and values and
 * derivatives of one number, a float or a double, as well: float y = nonlin::gelu(x).
 *
 * No function prints, ends the process, throws, or changes the floating-point environment. Calls
 * for at most 32768 elements run on the calling thread alone, and neither allocate memory nor
 * take a lock nor ask the system for anything, but for the first, which finds out what the CPU can
 * do: call nonlin_isa() before. Larger calls may use threads; nonlin_set_num_threads(1) keeps them
 * from it.
 */
#ifndef NONLIN_NONLIN_H
#define NONLIN_NONLIN_H

#include <stddef.h>

)";

const char* const settings = R"(
#define NONLIN_API __attribute__((visibility("default")))
#ifdef __cplusplus
#include <cstddef>
#define NONLIN_NOEXCEPT noexcept
extern "C" {
#else
#define NONLIN_NOEXCEPT
#endif

/* The version of the library that runs, such as "1.2.3". */
NONLIN_API const char* nonlin_version(void) NONLIN_NOEXCEPT;

/* The instruction set in use: "avx512", "avx2" or "scalar". set_isa returns 0, and changes nothing,
 * if this CPU does not have it. NONLIN_ISA in the environment chooses, too; if its value is unknown
 * or not available, isa_error returns it, otherwise NULL. */
NONLIN_API const char* nonlin_isa(void) NONLIN_NOEXCEPT;
NONLIN_API int nonlin_set_isa(const char* name) NONLIN_NOEXCEPT;
NONLIN_API const char* nonlin_isa_error(void) NONLIN_NOEXCEPT;

/* Threads for large arrays. 0 goes back to NONLIN_NUM_THREADS of the environment or, without it, to
 * the CPUs that the process may use; num_threads_error returns a value of that variable which is no
 * number, otherwise NULL. */
NONLIN_API int nonlin_num_threads(void) NONLIN_NOEXCEPT;
NONLIN_API void nonlin_set_num_threads(int count) NONLIN_NOEXCEPT;
NONLIN_API const char* nonlin_num_threads_error(void) NONLIN_NOEXCEPT;
)";

void write_header(std::ostream& out, const std::vector<Function>& all, const std::string& version) {
    out << opening << "#define NONLIN_VERSION \"" << version << "\"\n" << settings;
    for (const Function& f : all) {
        if (!f.about.empty()) out << "\n/* " << f.about << " */\n";
        for (const Type& type : types) {
            out << "NONLIN_API void nonlin_" << f.name << type.suffix << "("
                << parameters(f, type.name, false) << ") NONLIN_NOEXCEPT;\n";
        }
    }
    out << "\n#ifdef __cplusplus\n}\n\nnamespace nonlin {\n\n";
    for (const Function& f : all) {
        for (const Type& type : types) {
            out << "inline void " << f.name << "(" << parameters(f, type.name, true)
                << ") noexcept {\n    nonlin_" << f.name << type.suffix << "(" << arguments(f)
                << ");\n}\n";
            if (f.of_one()) {
                const std::string numbers = number_parameters(f, true);
                out << "inline " << type.name << " " << f.name << "(" << type.name << " x"
                    << (numbers.empty() ? "" : ", ") << numbers << ") noexcept {\n    " << type.name
                    << " y;\n    nonlin_" << f.name << type.suffix << "(&x, &y, 1"
                    << (numbers.empty() ? "" : ", ") << joined(names(f.numbers))
                    << ");\n    return y;\n}\n";
            }
        }
    }
    out << "\n}\n#endif\n\n#endif\n";
}

const char* const includes = R"(// Made from the core's tables by the build.
#include <nonlin/nonlin.h>

#include "calls.h"

using namespace nonlin::interface;
using nonlin::Direction;
using nonlin::Dtype;

)";

void write_settings(std::ostream& out) {
    out << "const char* nonlin_version() noexcept { return NONLIN_VERSION; }\n"
           "const char* nonlin_isa() noexcept { return nonlin::isa(); }\n"
           "int nonlin_set_isa(const char* name) noexcept { return nonlin::set_isa(name); }\n"
           "const char* nonlin_isa_error() noexcept { return nonlin::isa_error(); }\n"
           "int nonlin_num_threads() noexcept { return nonlin::num_threads(); }\n"
           "void nonlin_set_num_threads(int count) noexcept { nonlin::set_num_threads(count); }\n"
           "const char* nonlin_num_threads_error() noexcept { return nonlin::num_threads_error(); "
           "}\n";
}

void write_definitions(std::ostream& out, const std::vector<Function>& all, bool of_rows) {
    const nonlin::RowFunctions rows = nonlin::row_functions();
    for (const Function& f : all) {
        if (f.of_rows() != of_rows) continue;
        for (const Type& type : types) {
            out << "void nonlin_" << f.name << type.suffix << "(" << parameters(f, type.name, false)
                << ") noexcept {\n    " << f.call << ", Dtype::" << type.dtype << ", ";
            for (std::size_t i = 0; of_rows && i < rows.count; ++i) {
                if (f.name != rows.first[i].name) continue;
                out << "\"" << rows.first[i].operands->inputs << rows.first[i].operands->outputs
                    << "\", ";
            }
            out << "{" << joined(f.inputs) << "}, ";
            if (f.call.rfind("gated", 0) != 0) out << "{" << joined(names(f.numbers)) << "}, ";
            out << "{" << joined(f.outputs) << "}, " << joined(f.counts) << ");\n}\n";
        }
    }
}

}  // namespace

int main(int count, char** given) {
    if (count != 5) {
        std::cerr << "usage: nonlin_interface HEADER DEFINITIONS DEFINITIONS_OF_ROWS VERSION\n";
        return 2;
    }
    std::vector<Function> all;
    add_activations(all);
    add_gated_units(all);
    add_row_functions(all);
    std::ofstream header(given[1]), definitions(given[2]), of_rows(given[3]);
    write_header(header, all, given[4]);
    definitions << includes;
    write_settings(definitions);
    write_definitions(definitions, all, false);
    // A program that calls none of these is linked without the kernels of rows.
    of_rows << includes;
    write_definitions(of_rows, all, true);
    for (std::ofstream* const file : {&header, &definitions, &of_rows}) file->close();
    if (header && definitions && of_rows) return 0;
    std::cerr << "nonlin_interface: cannot write all of " << given[1] << ", " << given[2] << " and "
              << given[3] << "\n";
    return 1;
}
