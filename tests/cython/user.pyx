# cython: language_level=3, freethreading_compatible=True
"""An extension of somebody else's, which only cimports nonlin."""
from cython.parallel cimport prange
from nonlin cimport cython_api as nl


def scalars(double x):
    return nl.gelu(x), nl.gelu(<float>x), nl.gelu_derivative(x), nl.elu(x), nl.elu(x, 0.5)


def arrays(float[:] x, float[:] y):
    with nogil:
        nl.mish_array(x, y)


def gradients(double[:] grad_output, double[:] x, double[:] grad_input, double alpha):
    with nogil:
        nl.elu_backward_array(grad_output, x, grad_input, alpha)


cdef double total(double[:] x) noexcept nogil:
    cdef double sum = 0
    cdef Py_ssize_t i
    for i in range(x.shape[0]):
        sum += nl.silu(x[i], 1.0)
    return sum


def totals(double[:] x):
    cdef double result
    with nogil:
        result = total(x)
    return result


def read_only(const double[:] x, double[:] y):
    nl.tanh_array(x, y)


def named(long n, double[::1] x, double[::1] y):
    nl.gelu_array[double](x, y)
    return nl.gelu[double](n)


def rows(const double[:, ::1] x, double[:, ::1] y, double alpha):
    cdef Py_ssize_t i
    for i in prange(x.shape[0], nogil=True):
        nl.elu_array[double](x[i], y[i], alpha)
