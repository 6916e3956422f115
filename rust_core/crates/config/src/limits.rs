//! The bounds on what one input may cost. What they bound is counted where it is built.

/// Upper bounds for one call of [`parse`](crate::parse); each is on by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Collections open at one time, block and flow together.
    pub depth: usize,
    /// Bytes of one scalar's value.
    pub scalar_bytes: usize,
    /// Bytes of the whole input, as given.
    pub input_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 1_000,
            scalar_bytes: 256 << 20,
            input_bytes: 4 << 30,
        }
    }
}

impl Limits {
    /// The default limits with another bound on open collections.
    #[must_use]
    pub fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// The default limits with another bound on a scalar's bytes.
    #[must_use]
    pub fn with_scalar_bytes(mut self, bytes: usize) -> Self {
        self.scalar_bytes = bytes;
        self
    }

    /// The default limits with another bound on the input's bytes.
    #[must_use]
    pub fn with_input_bytes(mut self, bytes: u64) -> Self {
        self.input_bytes = bytes;
        self
    }
}
