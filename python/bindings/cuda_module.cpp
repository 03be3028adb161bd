// The extension module nonlin._cuda: the CUDA backend's kernels over arrays of other libraries. It
// knows no names of arguments: python/nonlin/_gpu.py says what is wrong with what is refused here.
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "cuda_kernels.h"
#include "exchange.h"
#include "on_device.h"
#include "overlap.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;
using cuda::max_dimensions;

// An argument: an array, or a number where a parameter or a repeated number may stand.
using Argument = std::variant<DeviceArray*, double>;
using Sizes = std::vector<std::size_t>;

bool is_row(char kind) { return kind == 'x' || kind == 'v' || kind == 'b'; }

// Where the dimension of the rows is among so many.
std::size_t place_of(int axis, std::size_t dimensions) {
    const auto n = static_cast<int>(dimensions);
    const int place = axis < 0 ? axis + n : axis;
    if (place < 0 || place >= n) throw py::index_error("axis");
    return static_cast<std::size_t>(place);
}

// The shape that all are broadcast to.
void broadcast(Sizes& shape, const Sizes& more) {
    if (shape.size() < more.size()) shape.insert(shape.begin(), more.size() - shape.size(), 1);
    for (std::size_t d = 1; d <= more.size(); ++d) {
        std::size_t& size = shape[shape.size() - d];
        const std::size_t other = more[more.size() - d];
        if (size == 1) {
            size = other;
        } else if (other != 1 && other != size) {
            throw py::value_error("shapes");
        }
    }
}

Dtype dtype_of(Item item) {
    switch (item) {
    case Item::float16:
        return Dtype::float16;
    case Item::bfloat16:
        return Dtype::bfloat16;
    case Item::float32:
        return Dtype::float32;
    default:
        return Dtype::float64;
    }
}
bool real(Item item) { return item != Item::other && item != Item::boolean && item != Item::int64; }

class Kernel {
public:
    explicit Kernel(CudaKernel described) : kernel(std::move(described)) {}

    const CudaKernel& description() const { return kernel; }

    // The shapes of the results.
    std::vector<Sizes> shapes(const std::vector<Argument>& inputs, int axis) const {
        const Common common = shape_of(inputs, axis);
        std::vector<Sizes> all;
        for (const char kind : kernel.outputs) {
            Sizes shape = common.outer;
            if (kernel.over_rows && is_row(kind)) {
                const std::size_t at = place_of(axis, shape.size() + 1);
                shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(at), common.length);
            }
            if (kernel.family == Family::sum_around) shape = {common.outer.at(1)};
            all.push_back(shape);
        }
        return all;
    }

    std::size_t workspace(const std::vector<Argument>& inputs, int axis, int device) const {
        if (kernel.family != Family::rows) return 0;
        const OnDevice guard(kernel.name, device);
        const Common common = shape_of(inputs, axis);
        std::size_t rows = 1;
        for (const std::size_t n : common.outer) rows *= n;
        return cuda::row_workspace(kernel.index, data_type(inputs), common.length, rows);
    }

    void run(const std::vector<Argument>& inputs, const std::vector<DeviceArray*>& outputs,
             int axis, int device, std::intptr_t stream, const DeviceArray* workspace) const {
        const Common common = shape_of(inputs, axis);
        const Dtype dtype = data_type(inputs);
        std::vector<Argument> all = inputs;
        all.insert(all.end(), outputs.begin(), outputs.end());
        const std::string kinds = kernel.inputs + kernel.outputs;
        std::vector<Strided> given;
        for (std::size_t k = 0; k < all.size(); ++k) {
            given.push_back(strided(all[k], kinds[k], k < inputs.size(), common, axis));
        }
        const cuda::Shape shape = merged(common.outer, given);
        std::vector<cuda::RowsOperand> operands;
        for (const Strided& operand : given) operands.push_back(operand.at);
        const OnDevice guard(kernel.name, device);
        void* const memory = workspace == nullptr ? nullptr : workspace->at;
        const auto error = [&] {
            const py::gil_scoped_release release;
            return launched(operands, shape, common, dtype, memory,
                            reinterpret_cast<cudaStream_t>(stream));
        }();
        if (error != cudaSuccess) fail(kernel.name, error);
    }

private:
    struct Common {
        Sizes outer;
        std::size_t length = 1;
    };

    // Of all operands that are arrays: their common shape; for kernels of rows without the axis.
    Common shape_of(const std::vector<Argument>& inputs, int axis) const {
        Common common;
        bool first = true;
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            if (!std::holds_alternative<DeviceArray*>(inputs[k])) continue;
            Sizes shape = std::get<DeviceArray*>(inputs[k])->shape;
            if (kernel.over_rows && is_row(kernel.inputs[k])) {
                const std::size_t at = place_of(axis, shape.size());
                if (!first && shape[at] != common.length) throw py::value_error("shapes");
                common.length = shape[at];
                first = false;
                shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(at));
            }
            broadcast(common.outer, shape);
        }
        return common;
    }

    Dtype data_type(const std::vector<Argument>& inputs) const {
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            const char kind = kernel.inputs[k];
            if (kind != 'x' && kind != 's') continue;
            if (const auto* array = std::get_if<DeviceArray*>(&inputs[k])) {
                return dtype_of((*array)->item);
            }
        }
        throw py::type_error("no array of data");
    }

    // Whether the kernel can read an operand of this kind from such an array.
    bool accepts(char kind, Item item, Dtype data) const {
        switch (kind) {
        case 'b':
            return item == Item::boolean;
        case 'k':
            return item == Item::int64;
        case 'p':
        case 'v':
            return item == Item::float64 || (kernel.family == Family::elementwise && real(item));
        default:
            return real(item) && dtype_of(item) == data;
        }
    }

    // An operand's steps along the outer dimensions, and along its row.
    struct Strided {
        cuda::RowsOperand at{};
        std::vector<std::ptrdiff_t> steps;
    };

    Strided strided(const Argument& given, char kind, bool input, const Common& common,
                    int axis) const {
        Strided result;
        result.steps.assign(common.outer.size(), 0);
        if (const auto* number = std::get_if<double>(&given)) {
            if (kind != 'p' && kind != 'v') throw py::type_error("a number where data is wanted");
            result.at.rows.value = *number;
            return result;
        }
        const DeviceArray& array = *std::get<DeviceArray*>(given);
        result.at.rows.at = array.at;
        result.at.rows.dtype = dtype_of(array.item);
        Sizes shape = array.shape;
        std::vector<std::ptrdiff_t> steps = array.steps;
        if (kernel.over_rows && is_row(kind)) {
            const auto at = static_cast<std::ptrdiff_t>(place_of(axis, shape.size()));
            result.at.core = steps[static_cast<std::size_t>(at)];
            shape.erase(shape.begin() + at);
            steps.erase(steps.begin() + at);
        }
        if (!input && kernel.family != Family::sum_around && shape != common.outer) {
            throw py::value_error("shapes");
        }
        const std::size_t added = common.outer.size() - shape.size();
        for (std::size_t d = 0; d < shape.size(); ++d) {
            if (shape[d] != 1) result.steps[added + d] = steps[d];
        }
        return result;
    }

    // The fewest dimensions for all operands, whose steps they become; the three of sum_around
    // stay.
    cuda::Shape merged(Sizes sizes, std::vector<Strided>& operands) const {
        for (std::size_t d = kernel.family == Family::sum_around ? 0 : sizes.size(); d-- > 0;) {
            const bool last = d + 1 == sizes.size();
            bool one = !last;
            for (const Strided& o : operands) {
                one =
                    one && o.steps[d] == o.steps[d + 1] * static_cast<std::ptrdiff_t>(sizes[d + 1]);
            }
            if (one && sizes[d] != 1) sizes[d + 1] *= sizes[d];
            if (!one && sizes[d] != 1) continue;
            const auto at = static_cast<std::ptrdiff_t>(d);
            sizes.erase(sizes.begin() + at);
            for (Strided& o : operands) o.steps.erase(o.steps.begin() + at);
        }
        // Elementwise kernels of rows need one more for the rows themselves.
        const bool one_more = kernel.over_rows && kernel.family != Family::rows;
        const std::size_t most = max_dimensions - (one_more ? 1 : 0);
        if (sizes.size() > most) {
            throw py::value_error(kernel.name + ": arrays of more than " + std::to_string(most) +
                                  " dimensions that cannot be merged; copy them");
        }
        cuda::Shape shape{};
        shape.dimensions = static_cast<int>(sizes.size());
        std::copy(sizes.begin(), sizes.end(), shape.sizes);
        for (Strided& o : operands) {
            std::copy(o.steps.begin(), o.steps.end(), o.at.rows.steps);
        }
        return shape;
    }

    cudaError_t launched(const std::vector<cuda::RowsOperand>& operands, const cuda::Shape& outer,
                         const Common& common, Dtype dtype, void* workspace,
                         cudaStream_t stream) const {
        if (kernel.family == Family::rows) {
            return cuda::run_rows(kernel.index, dtype, common.length, outer, operands.data(),
                                  workspace, stream);
        }
        if (kernel.family == Family::sum_around) {
            const std::size_t sizes[] = {outer.sizes[0], outer.sizes[1], outer.sizes[2]};
            return cuda::sum_around(operands[0].rows, sizes,
                                    static_cast<double*>(operands[1].rows.at), stream);
        }
        cuda::Shape shape = outer;
        std::vector<cuda::Operand> flat;
        for (const cuda::RowsOperand& o : operands) {
            flat.push_back(o.rows);
            if (kernel.over_rows) flat.back().steps[shape.dimensions] = o.core;
        }
        if (kernel.over_rows) shape.sizes[shape.dimensions++] = common.length;
        if (kernel.family == Family::gated) {
            return cuda::run_gated(kernel.index, kernel.direction == Direction::backward, dtype,
                                   shape, flat.data(), stream);
        }
        return cuda::run(kernel.index, kernel.direction, kernel.biased, dtype, shape, flat.data(),
                         stream);
    }

public:
    // What is wrong with the types of the inputs: the number of the first that does not fit.
    std::optional<std::size_t> misfit(const std::vector<Argument>& inputs) const {
        const Dtype data = data_type(inputs);
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            const auto* array = std::get_if<DeviceArray*>(&inputs[k]);
            if (array != nullptr && !accepts(kernel.inputs[k], (*array)->item, data)) return k;
        }
        return std::nullopt;
    }

private:
    CudaKernel kernel;
};

int devices() {
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess) fail("no CUDA device can be used", error);
    return count;
}

}  // namespace

PYBIND11_MODULE(_cuda, module) {
    module.doc() = "CUDA kernels of nonlin over arrays of other libraries.";
    py::class_<DeviceArray>(module, "DeviceArray")
        .def(py::init(&exchanged), py::arg("array"), py::arg("stream"))
        .def_readonly("shape", &DeviceArray::shape)
        .def_readonly("read_only", &DeviceArray::read_only)
        .def_readonly("item_name", &DeviceArray::item_name)
        .def_property_readonly("device", &device_of)
        .def_property_readonly("repeats", &repeats)
        .def("meets", &meet)
        .def("clashes", &clash);
    py::class_<Kernel>(module, "Kernel")
        .def_property_readonly("name", [](const Kernel& k) { return k.description().name; })
        .def_property_readonly("inputs", [](const Kernel& k) { return k.description().inputs; })
        .def_property_readonly("outputs", [](const Kernel& k) { return k.description().outputs; })
        .def_property_readonly("over_rows",
                               [](const Kernel& k) { return k.description().over_rows; })
        .def("shapes", &Kernel::shapes)
        .def("workspace", &Kernel::workspace)
        .def("misfit", &Kernel::misfit)
        .def("run", &Kernel::run, py::arg("inputs"), py::arg("outputs"), py::arg("axis"),
             py::arg("device"), py::arg("stream"), py::arg("workspace").none(true));
    py::dict kernels;
    for (CudaKernel& described : cuda_kernels()) {
        const std::string name = described.name;
        kernels[name.c_str()] = Kernel(std::move(described));
    }
    module.attr("kernels") = kernels;
    module.def("devices", &devices,
               "How many CUDA devices there are; RuntimeError if none can be "
               "used.");
}

}  // namespace nonlin::python
