// The bits of a number.
#pragma once

#include <nonlin/fn.h>

namespace nonlin {

NONLIN_FN unsigned long long bits_of(double a) {
    unsigned long long bits;
    __builtin_memcpy(&bits, &a, sizeof bits);
    return bits;
}
NONLIN_FN double from_bits(unsigned long long bits) {
    double a;
    __builtin_memcpy(&a, &bits, sizeof a);
    return a;
}

NONLIN_FN unsigned bits_of(float a) {
    unsigned bits;
    __builtin_memcpy(&bits, &a, sizeof bits);
    return bits;
}
NONLIN_FN float from_bits(unsigned bits) {
    float a;
    __builtin_memcpy(&a, &bits, sizeof a);
    return a;
}

}  // namespace nonlin
