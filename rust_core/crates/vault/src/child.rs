//! What a process that is given secrets sets for itself before it becomes another program.

/// The system kills this process when the one that started it is gone, also after a kill -9:
/// nobody would redact any more what it writes. Systems without such a means do nothing.
///
/// # Errors
///
/// The system refuses.
pub fn end_with_parent() -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}
