/* The calls of the core as nonlin's Python module offers them to other extension modules, in the
 * capsule nonlin._core._api. They link nothing, and there is one core in the process.
 *
 *     PyObject* module = PyImport_ImportModule("nonlin");  // where it fails, this says why
 *     if (module == NULL) return NULL;
 *     const NonlinApi* api = (const NonlinApi*)PyCapsule_Import(NONLIN_CAPSULE, 0);
 *     if (api != NULL && (api->abi != NONLIN_ABI || api->size < sizeof(NonlinApi)))
 *         ...  // an older nonlin than was compiled for, or another one
 *
 * Numbers of functions are places in the tables; activation() and its like find them by name, once.
 * The calls need no GIL. direction: 0 value, 1 derivative, 2 backward, 3 value and derivative.
 * dtype: 0 float16, 1 bfloat16, 2 float32, 3 float64. args are addresses of grad_output (backward
 * only), of x, of parameters, which are double, and of outputs; steps are bytes from element to
 * element, 0 to repeat one.
 *
 *     double alpha = 0.5;
 *     char* args[] = {(char*)x, (char*)&alpha, (char*)y};
 *     const ptrdiff_t steps[] = {sizeof(float), 0, sizeof(float)};
 *     api->run(api->activation("elu"), 0, 2, args, steps, n);
 *
 * nonlin/core.h says more of the calls. */
#ifndef NONLIN_CAPSULE_H
#define NONLIN_CAPSULE_H

#include <stddef.h>

#define NONLIN_ABI 1
#define NONLIN_CAPSULE "nonlin._core._api"

/* Where the rows of one operand lie. */
typedef struct NonlinOperand {
    char* at;
    ptrdiff_t outer, core;
} NonlinOperand;

/* Grows at its end, under the same number, as long as what is there stays as it is. */
typedef struct NonlinApi {
    int abi;
    size_t size; /* of this structure in the nonlin that runs */
    const char* version;
    /* The number of a function of this name, or (size_t)-1. */
    size_t (*activation)(const char* name);
    size_t (*gated_unit)(const char* name);
    size_t (*row_function)(const char* name);
    void (*run)(size_t activation, int direction, int dtype, char* const* args,
                const ptrdiff_t* steps, size_t n);
    void (*run_gated)(size_t unit, int backward, int dtype, const NonlinOperand* operands,
                      size_t length, size_t rows);
    void (*run_rows)(size_t function, int dtype, const NonlinOperand* operands, size_t length,
                     size_t rows);
} NonlinApi;

#endif
