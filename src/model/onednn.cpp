// Two operators of libtorch that tch does not bind: oneDNN's linear layer, and the packing of its
// weight. They are reached by their names through the dispatcher, so that a libtorch without them
// links all the same.

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <string>

using at::Tensor;

namespace {

using Pack = Tensor(const Tensor &, c10::optional<int64_t>);
using Apply = Tensor(
    const Tensor &, const Tensor &, const c10::optional<Tensor> &, c10::string_view,
    c10::List<c10::optional<at::Scalar>>, c10::optional<c10::string_view>);

template <typename Signature>
c10::TypedOperatorHandle<Signature> find(const char *name) {
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

const auto &linear() {
    static const auto handle = find<Apply>("mkldnn::_linear_pointwise");
    return handle;
}

// What went wrong last on this thread.
thread_local std::string failure;

template <typename Compute>
Tensor *guarded(Compute compute) {
    try {
        return new Tensor(compute());
    } catch (const std::exception &error) {
        failure = error.what();
    } catch (...) {
        failure = "an exception without a text";
    }
    return nullptr;
}

} // namespace

extern "C" {

// The weight of a linear layer in the blocks that oneDNN multiplies with, to be freed like any
// tensor of tch; null when this libtorch or this processor cannot.
Tensor *heartstrings_pack(const Tensor *weight) {
    return guarded([&] {
        linear();
        // Any number of rows may be multiplied with it; oneDNN chooses the same blocks for all.
        return find<Pack>("mkldnn::_reorder_linear_weight").call(*weight, 64);
    });
}

// input · weightᵀ + bias; null when libtorch fails.
Tensor *heartstrings_linear(const Tensor *input, const Tensor *packed, const Tensor *bias) {
    return guarded([&] {
        const c10::List<c10::optional<at::Scalar>> no_scalars;
        return linear().call(*input, *packed, *bias, "none", no_scalars, c10::nullopt);
    });
}

// Why the last call on this thread gave null. Good until the next one.
const char *heartstrings_failure() { return failure.c_str(); }

}
