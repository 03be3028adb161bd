// A plugin: it carries nonlin, and shows nothing of it to the program that loads it.
#include <nonlin/map.h>
#include <nonlin/nonlin.h>

#include "wave.h"

extern "C" [[gnu::visibility("default")]] void plugin_process(float* samples, std::size_t n) {
    nonlin::map(Wave{2}, samples, samples, n);
    nonlin::tanh(samples, samples, n);
}
