// THE TABLE: every elementwise activation, and the lanes that serve float32 data: for the value,
// and for the derivative.
//
//   f32   float32 lanes: one rounded operation, or a formula that carries what rounding left
//   f32p  float32 lanes where each parameter of a call is one number, and a float32; else f32w. For
//         comparisons, limits and one rounded operation, whose bits are the same in both
//   f32w  float64 lanes, short polynomials: 24 digits wanted, 53 carried
//   f64   float64 lanes and the formula of float64 data, where even 53 digits do not suffice
//
// float64 data is always served by f64. A row is all that kernels, bindings, documentation, stubs,
// tests and benchmarks need to know of a new header.
#pragma once

#include <nonlin/elementwise/linear.h>
#include <nonlin/elementwise/binary_step.h>
#include <nonlin/elementwise/relu.h>
#include <nonlin/elementwise/relu6.h>
#include <nonlin/elementwise/squared_relu.h>
#include <nonlin/elementwise/leaky_relu.h>
#include <nonlin/elementwise/leaky_relu6.h>
#include <nonlin/elementwise/prelu.h>
#include <nonlin/elementwise/general_relu.h>
#include <nonlin/elementwise/hard_tanh.h>
#include <nonlin/elementwise/hard_sigmoid.h>
#include <nonlin/elementwise/hard_silu.h>
#include <nonlin/elementwise/hard_shrink.h>
#include <nonlin/elementwise/soft_shrink.h>
#include <nonlin/elementwise/threshold.h>
#include <nonlin/elementwise/thresholded_relu.h>
#include <nonlin/elementwise/sparse_plus.h>
#include <nonlin/elementwise/sparse_sigmoid.h>
#include <nonlin/elementwise/sqnl.h>
#include <nonlin/elementwise/sigmoid.h>
#include <nonlin/elementwise/log_sigmoid.h>
#include <nonlin/elementwise/tanh.h>
#include <nonlin/elementwise/scaled_tanh.h>
#include <nonlin/elementwise/softsign.h>
#include <nonlin/elementwise/arctan.h>
#include <nonlin/elementwise/isru.h>
#include <nonlin/elementwise/gaussian.h>
#include <nonlin/elementwise/sinusoid.h>
#include <nonlin/elementwise/sinc.h>
#include <nonlin/elementwise/tanh_shrink.h>
#include <nonlin/elementwise/exponential.h>
#include <nonlin/elementwise/softplus.h>
#include <nonlin/elementwise/squareplus.h>
#include <nonlin/elementwise/elu.h>
#include <nonlin/elementwise/selu.h>
#include <nonlin/elementwise/celu.h>
#include <nonlin/elementwise/isrlu.h>
#include <nonlin/elementwise/silu.h>
#include <nonlin/elementwise/gelu.h>
#include <nonlin/elementwise/gelu_tanh.h>
#include <nonlin/elementwise/gelu_quick.h>
#include <nonlin/elementwise/mish.h>
#include <nonlin/elementwise/bent_identity.h>
#include <nonlin/elementwise/soft_exponential.h>

// clang-format off
#define NONLIN_ELEMENTWISE(X) \
    X(linear, f32p, f32p) \
    X(binary_step, f32p, f32p) \
    X(relu, f32, f32) \
    X(relu6, f32, f32) \
    X(squared_relu, f32, f32w) \
    X(leaky_relu, f32p, f32p) \
    X(leaky_relu6, f32p, f32p) \
    X(prelu, f32p, f32p) \
    X(general_relu, f32w, f32w) \
    X(hard_tanh, f32p, f32p) \
    X(hard_sigmoid, f32w, f64) \
    X(hard_silu, f32, f32w) \
    X(hard_shrink, f32p, f32p) \
    X(soft_shrink, f32p, f32p) \
    X(threshold, f32p, f32p) \
    X(thresholded_relu, f32p, f32p) \
    X(sparse_plus, f32w, f32w) \
    X(sparse_sigmoid, f32w, f32w) \
    X(sqnl, f32w, f32w) \
    X(sigmoid, f32, f32w) \
    X(log_sigmoid, f32w, f32w) \
    X(tanh, f32, f32w) \
    X(scaled_tanh, f32w, f32w) \
    X(softsign, f32w, f32w) \
    X(arctan, f32w, f32w) \
    X(isru, f32w, f32w) \
    X(gaussian, f32w, f32w) \
    X(sinusoid, f32w, f32w) \
    X(sinc, f32w, f64) \
    X(tanh_shrink, f32w, f32w) \
    X(exponential, f32, f32w) \
    X(softplus, f32w, f32w) \
    X(squareplus, f32w, f32w) \
    X(elu, f32w, f32w) \
    X(selu, f32w, f32w) \
    X(celu, f32w, f32w) \
    X(isrlu, f32w, f32w) \
    X(silu, f32w, f32w) \
    X(gelu, f32w, f32w) \
    X(gelu_tanh, f32w, f32w) \
    X(gelu_quick, f32w, f32w) \
    X(mish, f32w, f32w) \
    X(bent_identity, f32w, f32w) \
    X(soft_exponential, f64, f64)
// clang-format on
