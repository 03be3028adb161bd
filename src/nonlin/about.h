// What an activation says about itself: the words of its documentation and its parameters with
// their defaults and domains. Bindings, docs, stubs and tests read it; no other file holds a
// default.
#pragma once

namespace nonlin {

struct About {
    const char* summary;     // one sentence, ends with a full stop
    const char* aliases;     // other names, separated by spaces, or ""
    const char* value;       // the formula
    const char* derivative;  // its derivative
    const char* range;       // the set of values for the default parameters
    const char* kinks;       // derivative where the function has none, or "none"
    const char* source;      // where the function comes from
};

// A number, and the interval a scalar argument must lie in (NaN never does).
struct Parameter {
    const char* name;
    double fallback;  // the default
    double low, high;
    bool low_included, high_included;
};

constexpr int max_parameters = 3;

struct Parameters {
    int count;
    Parameter list[max_parameters];
    bool ordered;  // the first must not exceed the second
};

constexpr double infinity = __builtin_inf();

constexpr Parameter any_finite(const char* name, double fallback) {
    return {name, fallback, -infinity, infinity, false, false};
}
constexpr Parameter any_number(const char* name, double fallback) {
    return {name, fallback, -infinity, infinity, true, true};
}
// Not so large or small that a product with it leaves the numbers.
constexpr Parameter moderate(const char* name, double fallback) {
    return {name, fallback, 1e-30, 1e30, true, true};
}
constexpr Parameter moderate_signed(const char* name, double fallback) {
    return {name, fallback, -1e30, 1e30, true, true};
}
constexpr Parameter not_negative(const char* name, double fallback) {
    return {name, fallback, 0, infinity, true, false};
}

constexpr Parameters no_parameters() { return {0, {}, false}; }
constexpr Parameters takes(Parameter a) { return {1, {a}, false}; }
constexpr Parameters takes(Parameter a, Parameter b) { return {2, {a, b}, false}; }
constexpr Parameters takes(Parameter a, Parameter b, Parameter c) { return {3, {a, b, c}, false}; }
constexpr Parameters takes_interval(Parameter a, Parameter b) { return {2, {a, b}, true}; }

}  // namespace nonlin
