//! `bytes` that Python owns and the cores write in their place, in large pages.
//!
//! Owns the only unsafe code of the binding. Most of what sealing 64 MiB took was the system giving
//! its result's memory in pages of 4 KiB; where it hands out large ones on request only, they are
//! requested here.

#![allow(
    unsafe_code,
    reason = "raw objects and advice on memory are not to be had otherwise"
)]

use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// From here on a request is worth its system call, as `NumPy` has it.
const WORTHWHILE: usize = 4 << 20;
/// Of the processors that have large pages of 2 MiB; elsewhere less of the memory gets them.
const LARGE_PAGE: usize = 2 << 20;

/// Bytes of this length that `write` fills; they are zero before.
///
/// # Errors
///
/// There is no such memory, or that of `write`.
pub(crate) fn written_bytes<'py>(
    py: Python<'py>,
    length: usize,
    write: impl FnOnce(&mut [u8]) -> PyResult<()>,
) -> PyResult<Bound<'py, PyBytes>> {
    if length < WORTHWHILE {
        return PyBytes::new_with(py, length, write);
    }
    let size = ffi::Py_ssize_t::try_from(length)?;
    // SAFETY: without a text the object is new with room for `size` bytes, or an error is set, and
    // nobody else has it before this function returns. All bytes are written before the slice is
    // made.
    let (object, memory) = unsafe {
        let raw = ffi::PyBytes_FromStringAndSize(ptr::null(), size);
        let object: Bound<'py, PyAny> = Bound::from_owned_ptr_or_err(py, raw)?;
        let start = ffi::PyBytes_AsString(raw).cast::<u8>();
        ask_for_large_pages(start, length);
        start.write_bytes(0, length);
        (object, std::slice::from_raw_parts_mut(start, length))
    };
    write(memory)?;
    Ok(object.cast_into::<PyBytes>()?)
}

/// # Safety
///
/// The memory is the caller's, `length` bytes of it.
unsafe fn ask_for_large_pages(start: *mut u8, length: usize) {
    #[cfg(target_os = "linux")]
    {
        let before = start.align_offset(LARGE_PAGE);
        let inner = length.saturating_sub(before) / LARGE_PAGE * LARGE_PAGE;
        if inner > 0 {
            // SAFETY: the pages lie within the caller's memory, and this advice changes no content.
            // Where the system has no such pages it says so, and nothing else happens.
            let _ = unsafe {
                rustix::mm::madvise(
                    start.add(before).cast(),
                    inner,
                    rustix::mm::Advice::LinuxHugepage,
                )
            };
        }
    }
}
