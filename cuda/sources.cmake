# Also for the tests, which compile them for the host.
set(NONLIN_CUDA_SOURCES
    elementwise_float32.cu
    elementwise_float64.cu
    elementwise_halves.cu
    rows_float32.cu
    rows_float64.cu
    run.cu
    run_rows.cu
    sums.cu)
