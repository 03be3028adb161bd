# Also for the tests, which compile them for the host.
set(NONLIN_CUDA_SOURCES
    planes_float32.cu
    planes_float64.cu
    planes_halves.cu
    rows_float32.cu
    rows_float64.cu
    run.cu
    run_rows.cu
    scattered_float32.cu
    scattered_float64.cu
    sums.cu)
