// Linear layers with packed weights, which tch does not bind.
//
// For bfloat16: two operators of libtorch, oneDNN's linear layer and the packing of its weight. They are looked up
// by name in the dispatcher, so that a libtorch without them links all the same. For fp32:
// MKL's multiplication by a packed matrix, which libtorch exports if it was built with MKL; otherwise
// the weak symbols are null.

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

using at::Tensor;

// As in mkl_cblas.h with 32-bit integers, which is how libtorch is linked with MKL.
extern "C" {
__attribute__((weak)) std::size_t cblas_sgemm_pack_get_size(int which, int m, int n, int k);
__attribute__((weak)) void cblas_sgemm_pack(
    int layout, int which, int transposed, int m, int n, int k, float alpha, const float *source,
    int stride, float *packed);
__attribute__((weak)) void cblas_sgemm_compute(
    int layout, int transposed_a, int transposed_b, int m, int n, int k, const float *a, int stride_a,
    const float *b, int stride_b, float beta, float *c, int stride_c);
}

namespace {

// CBLAS's constants.
constexpr int ROW_MAJOR = 101, NOT_TRANSPOSED = 111, TRANSPOSED = 112, IS_PACKED = 151, SECOND = 162;
// The number of rows that is passed to packing. The blocks are the same for any number of rows; `packing.rs`
// checks that.
constexpr int ROWS = 512;

using Pack = Tensor(const Tensor &, c10::optional<int64_t>);
using Apply = Tensor(
    const Tensor &, const Tensor &, const c10::optional<Tensor> &, c10::string_view,
    c10::List<c10::optional<at::Scalar>>, c10::optional<c10::string_view>);

template <typename Signature>
c10::TypedOperatorHandle<Signature> find(const char *name) {
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

const auto &onednn_linear() {
    static const auto handle = find<Apply>("mkldnn::_linear_pointwise");
    return handle;
}

Tensor pack_for_onednn(const Tensor &weight) {
    onednn_linear();
    // The packed weight serves for any number of rows; oneDNN chooses the same blocks for all.
    return find<Pack>("mkldnn::_reorder_linear_weight").call(weight, 64);
}

// A weight in `parts` parts with equal numbers of outputs: shape (parts, bytes).
Tensor pack_for_mkl(const Tensor &given, int parts) {
    if (!cblas_sgemm_pack_get_size || !cblas_sgemm_pack || !cblas_sgemm_compute)
        throw std::runtime_error("this libtorch is built without MKL");
    const Tensor weight = given.contiguous();
    if (parts < 1 || weight.size(0) % parts != 0)
        throw std::runtime_error("the outputs cannot be divided equally");
    const int outputs = weight.size(0) / parts, inputs = weight.size(1);
    const auto bytes = cblas_sgemm_pack_get_size(SECOND, ROWS, outputs, inputs);
    if (bytes == 0)
        throw std::runtime_error("MKL does not pack on this processor");
    // Each part begins on a cache line.
    const int64_t stride = (static_cast<int64_t>(bytes) + 63) / 64 * 64;
    Tensor packed = at::empty({parts, stride}, at::kByte);
    for (int part = 0; part < parts; part++)
        cblas_sgemm_pack(
            ROW_MAJOR, SECOND, TRANSPOSED, ROWS, outputs, inputs, 1.0f,
            weight.data_ptr<float>() + static_cast<int64_t>(part) * outputs * inputs, inputs,
            reinterpret_cast<float *>(packed.data_ptr<uint8_t>() + part * stride));
    return packed;
}

// One multiplication, divided into parts that different threads may take.
struct Multiplication {
    const float *input;
    const uint8_t *packed;
    float *output;
    int rows, inputs, outputs, parts;
    int64_t stride;
};

void multiply_part(const void *data, int part) {
    const auto &all = *static_cast<const Multiplication *>(data);
    const int width = all.outputs / all.parts;
    cblas_sgemm_compute(
        ROW_MAJOR, NOT_TRANSPOSED, IS_PACKED, all.rows, width, all.inputs, all.input, all.inputs,
        reinterpret_cast<const float *>(all.packed + part * all.stride), all.inputs, 1.0f,
        all.output + part * width, all.outputs);
}

// Runs all parts of an operation on any threads and returns when they are done.
using Share = void(const void *pool, void (*part)(const void *, int), const void *data, int parts);

Tensor apply_by_mkl(
    const Tensor &given, const Tensor &packed, const Tensor &bias, Share *share, const void *pool) {
    const Tensor input = given.contiguous();
    const int rows = input.size(0), inputs = input.size(1), outputs = bias.size(0);
    Tensor output = bias.expand({rows, outputs}).contiguous();
    const int parts = packed.size(0);
    const Multiplication all{
        input.data_ptr<float>(), packed.data_ptr<uint8_t>(), output.data_ptr<float>(), rows, inputs,
        outputs, parts, packed.stride(0)};
    share(pool, multiply_part, &all, parts);
    return output;
}

// Reason of the last failure on this thread.
thread_local std::string failure;

template <typename Compute>
Tensor *guarded(Compute compute) {
    try {
        return new Tensor(compute());
    } catch (const std::exception &error) {
        failure = error.what();
    } catch (...) {
        failure = "an exception without a message";
    }
    return nullptr;
}

} // namespace

extern "C" {

// Packs the weight of a linear layer, shape (outputs, inputs), into the blocks that oneDNN (bfloat16) or MKL
// (fp32) multiplies with. The caller frees the tensor. Null when this libtorch or this processor
// cannot pack. MKL's weight has `parts` parts, and as many threads can multiply at once.
Tensor *heartstrings_pack(const Tensor *weight, int parts) {
    return guarded([&] {
        const bool is_float = weight->scalar_type() == at::kFloat;
        return is_float ? pack_for_mkl(*weight, parts) : pack_for_onednn(*weight);
    });
}

// input · weightᵀ + bias, in the format of the input; null when libtorch fails. `share` runs MKL's parts.
Tensor *heartstrings_linear(
    const Tensor *input, const Tensor *packed, const Tensor *bias, Share *share, const void *pool) {
    return guarded([&] {
        if (input->scalar_type() == at::kFloat) return apply_by_mkl(*input, *packed, *bias, share, pool);
        const c10::List<c10::optional<at::Scalar>> no_scalars;
        return onednn_linear().call(*input, *packed, *bias, "none", no_scalars, c10::nullopt);
    });
}

// Why the last call on this thread returned null. Valid until the next call.
const char *heartstrings_failure() { return failure.c_str(); }

}
