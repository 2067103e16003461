//! What follows a linear layer.

use tch::Tensor;

/// The operation that follows a linear layer. The integer kernel applies it to each sum as it is made, which
/// saves a pass over the output.
#[derive(Clone, Copy)]
pub enum Epilogue<'a> {
    /// Nothing.
    None,
    /// The GELU, which is BERT's activation.
    Gelu,
    /// The sum with this tensor, which has the shape of the output.
    Add(&'a Tensor),
}
