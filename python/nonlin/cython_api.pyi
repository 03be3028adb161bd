# For `from nonlin cimport cython_api`; Python finds nothing in it.
