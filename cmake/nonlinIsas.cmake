# The instruction sets that nonlin has kernels for, and the only -m flags of the project.
set(NONLIN_ISAS scalar avx2 avx512)
set(NONLIN_FLAGS_scalar "")
set(NONLIN_FLAGS_avx2 -mavx2 -mfma -mf16c)
set(NONLIN_FLAGS_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma)
set(NONLIN_PACK_scalar <nonlin/scalar.h>)
set(NONLIN_PACK_avx2 <nonlin/cpp/pack/avx2.h>)
set(NONLIN_PACK_avx512 <nonlin/cpp/pack/avx512.h>)

# Only IEEE operations and explicit fused ones, as written, also where a project around is less
# strict. errno and traps are not used, so code need not keep them.
set(NONLIN_IEEE_FLAGS -fno-fast-math -ffp-contract=off -fno-math-errno -fno-trapping-math)
