// CUDA's vector types, which are read and written as a whole, and dim3.
#pragma once

#define SIMULATED_VECTORS(name, T)                                                                 \
    struct alignas(2 * sizeof(T)) name##2 { T x, y; };                                             \
    struct name##3 { T x, y, z; };                                                                 \
    struct alignas(sizeof(T) < 4 ? 4 * sizeof(T) : 16) name##4 { T x, y, z, w; };                  \
    inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                     \
    inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }                             \
    inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

SIMULATED_VECTORS(char, signed char)
SIMULATED_VECTORS(uchar, unsigned char)
SIMULATED_VECTORS(short, short)
SIMULATED_VECTORS(ushort, unsigned short)
SIMULATED_VECTORS(int, int)
SIMULATED_VECTORS(uint, unsigned)
SIMULATED_VECTORS(longlong, long long)
SIMULATED_VECTORS(ulonglong, unsigned long long)
SIMULATED_VECTORS(float, float)
SIMULATED_VECTORS(double, double)
#undef SIMULATED_VECTORS

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned nx = 1, unsigned ny = 1, unsigned nz = 1) : x(nx), y(ny), z(nz) {}
    constexpr dim3(uint3 of) : x(of.x), y(of.y), z(of.z) {}
    constexpr operator uint3() const { return {x, y, z}; }
};
