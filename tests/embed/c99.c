/* The C functions, as C99 has them. */
#include <nonlin/nonlin.h>

#include <math.h>

#include "check.h"

int main(void) {
    float x[100], y[100];
    double temperature = 1.0, wide[100], total;
    size_t i;
    for (i = 0; i < 100; ++i) {
        x[i] = (float)i / 10 - 5;
        wide[i] = x[i];
    }
    nonlin_tanh_f32(x, y, 100);
    nonlin_logsumexp_f64(wide, &total, 1, 100, temperature);
    for (i = 0; i < 100; ++i) CHECK(fabs(y[i] - tanh(x[i])) <= 1e-7);
    nonlin_leaky_relu_f64(wide, wide, 100, 0.25);
    CHECK(wide[0] == -1.25 && wide[60] == (double)x[60] && isfinite(total));
    CHECK(nonlin_isa() != NULL && nonlin_num_threads() > 0);
    return 0;
}
