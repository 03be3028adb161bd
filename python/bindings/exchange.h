// Arrays of other libraries in the memory of a GPU, as DLPack or the CUDA array interface describe
// them.
#pragma once

#include <nonlin/cuda.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

namespace nonlin::python {

// The number types that an operand may have.
enum class Item { float16, bfloat16, float32, float64, boolean, int64, other };
std::size_t size_of(Item item);  // 1 of others

// An array; its memory is kept as long as this is.
struct DeviceArray {
    char* at = nullptr;
    Item item = Item::other;
    std::string item_name;  // for messages
    std::vector<std::size_t> shape;
    std::vector<std::ptrdiff_t> steps;  // bytes
    bool read_only = false;
    std::shared_ptr<void> owner;
};

// The device whose memory an array is in.
int device_of(const DeviceArray& array);

// stream: the number by which both protocols know the stream that the array will be used in. Throws
// TypeError for what offers neither protocol, and passes on what the array's library throws.
DeviceArray exchanged(const pybind11::object& array, std::intptr_t stream);

}  // namespace nonlin::python
