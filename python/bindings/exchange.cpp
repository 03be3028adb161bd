#include "exchange.h"

#include <pybind11/stl.h>

#include "on_device.h"

#include <cstdint>
#include <stdexcept>

namespace nonlin::python {
namespace {

namespace py = pybind11;

// DLPack's binary interface, version 1 and before: https://dmlc.github.io/dlpack.
struct Tensor {
    void* data;
    std::int32_t device_type, device;
    std::int32_t dimensions;
    std::uint8_t code, bits;
    std::uint16_t lanes;
    const std::int64_t *shape, *strides;  // strides are in items, nullptr: C order
    std::uint64_t byte_offset;
};
struct Managed {
    Tensor tensor;
    void* context;
    void (*deleter)(Managed*);
};
struct ManagedVersioned {
    std::uint32_t major, minor;
    void* context;
    void (*deleter)(ManagedVersioned*);
    std::uint64_t flags;  // bit 0: read-only
    Tensor tensor;
};

void add_dimensions(DeviceArray& array, std::size_t size, std::size_t dimensions,
                    const std::int64_t* shape, const std::int64_t* strides) {
    array.shape.assign(shape, shape + dimensions);
    array.steps.resize(dimensions);
    auto step = static_cast<std::ptrdiff_t>(size);
    for (std::size_t d = dimensions; d-- > 0;) {
        array.steps[d] = strides == nullptr ? step : strides[d] * static_cast<std::ptrdiff_t>(size);
        step *= static_cast<std::ptrdiff_t>(shape[d]);
    }
}

Item item_of(const Tensor& tensor) {
    enum : std::uint8_t { signed_integer = 0, floating = 2, bfloat = 4, boolean = 6 };
    if (tensor.lanes != 1) return Item::other;
    switch (tensor.code) {
    case signed_integer:
        return tensor.bits == 64 ? Item::int64 : Item::other;
    case floating:
        return tensor.bits == 16   ? Item::float16
               : tensor.bits == 32 ? Item::float32
               : tensor.bits == 64 ? Item::float64
                                   : Item::other;
    case bfloat:
        return tensor.bits == 16 ? Item::bfloat16 : Item::other;
    case boolean:
        return tensor.bits == 8 ? Item::boolean : Item::other;
    default:
        return Item::other;
    }
}

void add_tensor(DeviceArray& array, const Tensor& tensor) {
    array.at = static_cast<char*>(tensor.data) + tensor.byte_offset;
    array.item = item_of(tensor);
    array.item_name =
        "of DLPack's code " + std::to_string(tensor.code) + ", " + std::to_string(tensor.bits);
    add_dimensions(array, tensor.bits / 8u, static_cast<std::size_t>(tensor.dimensions),
                   tensor.shape, tensor.strides);
}

// Takes the tensor out of its capsule, which is marked as used, lest it is deleted twice.
template <class Any>
Any* taken(const py::capsule& capsule, const char* name, const char* used) {
    auto* const managed = static_cast<Any*>(PyCapsule_GetPointer(capsule.ptr(), name));
    if (managed == nullptr || PyCapsule_SetName(capsule.ptr(), used) != 0) {
        throw py::error_already_set();
    }
    return managed;
}
template <class Any>
std::shared_ptr<void> owned(Any* managed) {
    return {managed, [](void* at) {
                Any* const kept = static_cast<Any*>(at);
                if (kept->deleter != nullptr) kept->deleter(kept);
            }};
}

DeviceArray from_capsule(const py::capsule& capsule) {
    DeviceArray array;
    if (PyCapsule_IsValid(capsule.ptr(), "dltensor_versioned") != 0) {
        auto* const managed =
            taken<ManagedVersioned>(capsule, "dltensor_versioned", "used_dltensor_versioned");
        array.owner = owned(managed);
        if (managed->major > 1) {
            throw py::buffer_error("DLPack of version " + std::to_string(managed->major) +
                                   " is not known; version 1 and before are");
        }
        array.read_only = (managed->flags & 1) != 0;
        add_tensor(array, managed->tensor);
    } else {
        auto* const managed = taken<Managed>(capsule, "dltensor", "used_dltensor");
        array.owner = owned(managed);
        add_tensor(array, managed->tensor);
    }
    return array;
}

DeviceArray from_dlpack(const py::object& array, std::intptr_t stream) {
    const py::object method = array.attr("__dlpack__");
    try {
        return from_capsule(
            method(py::arg("stream") = stream, py::arg("max_version") = py::make_tuple(1, 0)));
    } catch (py::error_already_set& error) {
        // Libraries from before version 1 do not know the argument.
        if (!error.matches(PyExc_TypeError)) throw;
    }
    return from_capsule(method(py::arg("stream") = stream));
}

Item item_of(const std::string& type) {
    return type == "<f2"   ? Item::float16
           : type == "<f4" ? Item::float32
           : type == "<f8" ? Item::float64
           : type == "|b1" ? Item::boolean
           : type == "<i8" ? Item::int64
                           : Item::other;
}

// Lets one stream of a device wait for what another one has been given until now.
void follow(int device, cudaStream_t stream, cudaStream_t other) {
    if (stream == other) return;
    const char* const what = "streams of the CUDA array interface";
    const OnDevice guard(what, device);
    cudaEvent_t event;
    cudaError_t error = cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    if (error != cudaSuccess) fail(what, error);
    error = cudaEventRecord(event, other);
    if (error == cudaSuccess) error = cudaStreamWaitEvent(stream, event, 0);
    cudaEventDestroy(event);
    if (error != cudaSuccess) fail(what, error);
}

// The size of an item in a typestr, such as "<f4".
std::size_t size_in(const std::string& type) {
    const bool known = type.size() > 2 && type.size() < 8 &&
                       type.find_first_not_of("0123456789", 2) == std::string::npos;
    if (!known) throw py::type_error("an array on a GPU has the unknown type '" + type + "'");
    return static_cast<std::size_t>(std::stoul(type.substr(2)));
}

DeviceArray from_interface(const py::object& given, std::intptr_t stream) {
    const py::dict interface = given.attr("__cuda_array_interface__");
    if (interface.contains("mask") && !interface["mask"].is_none()) {
        throw py::type_error("an array on a GPU has a mask, which nonlin would lose");
    }
    DeviceArray array;
    array.owner = {new py::object(given), [](void* at) {
                       const py::gil_scoped_acquire gil;
                       delete static_cast<py::object*>(at);
                   }};
    const py::tuple data = interface["data"];
    array.at = reinterpret_cast<char*>(data[0].cast<std::uintptr_t>());
    array.read_only = data[1].cast<bool>();
    const auto type = interface["typestr"].cast<std::string>();
    array.item = item_of(type);
    array.item_name = type;
    const auto shape = interface["shape"].cast<std::vector<std::int64_t>>();
    add_dimensions(array, size_in(type), shape.size(), shape.data(), nullptr);
    if (interface.contains("strides") && !interface["strides"].is_none()) {
        array.steps = interface["strides"].cast<std::vector<std::ptrdiff_t>>();
    }
    // Version 3: the stream whose work the array may depend on.
    if (interface.contains("stream") && !interface["stream"].is_none()) {
        follow(device_of(array), reinterpret_cast<cudaStream_t>(stream),
               reinterpret_cast<cudaStream_t>(interface["stream"].cast<std::intptr_t>()));
    }
    return array;
}

// A device reads an item from a multiple of its size alone.
bool aligned(const DeviceArray& array) {
    const auto size = static_cast<std::ptrdiff_t>(size_of(array.item));
    bool whole = reinterpret_cast<std::intptr_t>(array.at) % size == 0;
    for (const std::ptrdiff_t step : array.steps) whole &= step % size == 0;
    return whole;
}

}  // namespace

std::size_t size_of(Item item) {
    constexpr std::size_t sizes[] = {2, 2, 4, 8, 1, 8, 1};
    return sizes[static_cast<int>(item)];
}

int device_of(const DeviceArray& array) {
    cudaPointerAttributes attributes{};
    const cudaError_t error = cudaPointerGetAttributes(&attributes, array.at);
    if (error != cudaSuccess) fail("the device of an array is not known", error);
    return attributes.type == cudaMemoryTypeUnregistered ? 0 : attributes.device;
}

DeviceArray exchanged(const py::object& array, std::intptr_t stream) {
    DeviceArray found = py::hasattr(array, "__dlpack__") ? from_dlpack(array, stream)
                                                         : from_interface(array, stream);
    if (!aligned(found)) {
        throw py::value_error("an array on a GPU is not aligned to its items; copy it");
    }
    return found;
}

}  // namespace nonlin::python
