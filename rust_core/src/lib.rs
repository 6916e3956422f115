//! The native engine of code-ops: what Python sees of the crates.
//!
//! A function here converts, releases the GIL, calls one core function and maps the result.

mod errors;
mod infrastructure;
mod large_bytes;
mod security;
mod waiting;

use pyo3::prelude::*;

/// The native engine of code-ops.
#[pymodule]
mod code_rust_core {
    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    #[pymodule_export]
    use super::infrastructure::infrastructure;
    #[pymodule_export]
    use super::security::security;

    /// Makes `import code_rust_core.infrastructure` work, as for a module in a file.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        let modules = module
            .py()
            .import("sys")?
            .getattr("modules")?
            .cast_into::<PyDict>()?;
        for name in ["infrastructure", "security"] {
            modules.set_item(format!("code_rust_core.{name}"), module.getattr(name)?)?;
        }
        Ok(())
    }
}
