// NumPy's C API, one table of it for the whole module: make_ufunc.cpp fills it, the others use it.
#pragma once

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_2_0_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL nonlin_array_api
#define PY_UFUNC_UNIQUE_SYMBOL nonlin_ufunc_api
#ifndef NONLIN_IMPORTS_NUMPY
#define NO_IMPORT_ARRAY
#define NO_IMPORT_UFUNC
#endif
#include <numpy/ndarrayobject.h>
#include <numpy/ufuncobject.h>
