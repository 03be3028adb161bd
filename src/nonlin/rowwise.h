// THE TABLE of row functions: those whose every result depends on a whole row.
//
// A row function is a struct with the kinds of its operands and a function template run(row), which
// is written once, in terms of the row's loops: maximum, count, sum, each; sum_terms and each_term
// where what was added up is needed again; precise, the same row in the lanes of float64 data. The
// Row type brings them for the machine: along one long row, across several short ones, on a GPU.
//
//   x  a row of data                  s  one number of the data's type
//   v  a row of float64               p  one float64
//   b  a row of booleans              k  one int64
//
// Operands are counted from 0, inputs first. In a row's loops `at` stands for the elements that the
// lanes hold. Between sum_terms and each_term the first output may hold parts of terms.
#pragma once

#include <nonlin/rowwise/softmax.h>
#include <nonlin/rowwise/logsumexp.h>
#include <nonlin/rowwise/sparsemax.h>
#include <nonlin/rowwise/hardmax.h>
#include <nonlin/rowwise/cross_entropy.h>
#include <nonlin/rowwise/pointwise_losses.h>

// clang-format off
#define NONLIN_ROWWISE(X) \
    X(softmax) \
    X(softmax_where) \
    X(softmin) \
    X(softmin_where) \
    X(softmax_backward) \
    X(log_softmax) \
    X(log_softmax_where) \
    X(log_softmax_backward) \
    X(logsumexp) \
    X(logsumexp_where) \
    X(logsumexp_backward) \
    X(logsumexp_backward_where) \
    X(sparsemax) \
    X(sparsemax_where) \
    X(sparsemax_backward) \
    X(entmax15) \
    X(entmax15_where) \
    X(entmax15_backward) \
    X(hardmax) \
    X(hardmax_where) \
    X(maximum_of_row) \
    X(maximum_of_row_backward) \
    X(cross_entropy) \
    X(cross_entropy_with_gradient) \
    X(class_cross_entropy) \
    X(class_cross_entropy_with_gradient) \
    X(squared_error) \
    X(logistic_loss) \
    X(binary_loss)
// clang-format on
