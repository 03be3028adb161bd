// A shape of this program's own, for nonlin::map: the words it is written in are those of
// nonlin/scalar.h, and one text serves every instruction set.
#pragma once

#include <nonlin/fn.h>

// A valve that clips the lower half of a wave sooner than the upper one. With c = 1 where x > 0 and
// c = lowest elsewhere, x / sqrt(1 + (x / c)^2): it lies between -lowest and 1, has the slope 1 at
// 0 and no corner there. |x| is to be below 1e18, lest the square overflows.
struct Tube {
    float lowest;

    template <class V>
    NONLIN_FN V operator()(V x) const {
        const V ratio = select(x > V(0.0), x, x / V(lowest));
        return x / square_root(mul_add(ratio, ratio, V(1.0)));
    }
};
