// What the kernels of nonlin ask a device for by another name than CUDA's (cuda/data.h).
#include "device.h"

namespace nonlin::cuda {

char* shared_memory() { return simulated::dynamic_shared_memory(); }

}  // namespace nonlin::cuda
