//! How much memory is free for this process.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, getrlimit};

/// What a system without these figures is taken to have free.
const UNKNOWN: u64 = 1 << 30;
const GROUPS: &str = "/sys/fs/cgroup";

/// Bytes free for this process: the least of what the machine, the control group with all above
/// it (version 1 and 2), and the limit of address space leave.
#[must_use]
pub fn available_memory() -> u64 {
    let machine = field("/proc/meminfo", "MemAvailable:").map(|kib| kib.saturating_mul(1024));
    [machine, group(), address_space()]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(UNKNOWN)
}

fn group() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let line = |line: &str| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        if controllers.is_empty() {
            least(GROUPS.as_ref(), path, &VERSION_2)
        } else if controllers.split(',').any(|name| name == "memory") {
            least(&Path::new(GROUPS).join("memory"), path, &VERSION_1)
        } else {
            None
        }
    };
    groups.lines().filter_map(line).min()
}

/// The files of a control group: its limit, what it uses, and in `memory.stat` the part of that
/// which is cache and can be taken back at once.
struct Names {
    limit: &'static str,
    usage: &'static str,
    cache: &'static str,
}

const VERSION_2: Names = Names {
    limit: "memory.max",
    usage: "memory.current",
    cache: "inactive_file ",
};
const VERSION_1: Names = Names {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cache: "total_inactive_file ",
};

/// The least that a group or one above it leaves. In a container the path can be one of outside,
/// and its own group stands at the root.
fn least(root: &Path, path: &str, names: &Names) -> Option<u64> {
    let own = root.join(path.trim_start_matches('/'));
    let within = own
        .ancestors()
        .take_while(|folder| folder.starts_with(root));
    within
        .map(Path::to_path_buf)
        .chain([root.to_path_buf()])
        .filter_map(|folder| left(&folder, names))
        .min()
}

fn left(folder: &Path, names: &Names) -> Option<u64> {
    let number = |name: &str| -> Option<u64> {
        let text = fs::read_to_string(folder.join(name)).ok()?;
        text.trim().parse().ok()
    };
    let limit = number(names.limit)?;
    let stat: PathBuf = folder.join("memory.stat");
    let cache = field(stat, names.cache).unwrap_or(0);
    let used = number(names.usage)?.saturating_sub(cache);
    Some(limit.saturating_sub(used))
}

fn address_space() -> Option<u64> {
    let limit = getrlimit(Resource::As).current?;
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_ascii_whitespace().next()?.parse().ok()?;
    let page = u64::try_from(rustix::param::page_size()).ok()?;
    Some(limit.saturating_sub(pages.saturating_mul(page)))
}

/// The number after a name at the start of a line.
fn field(path: impl AsRef<Path>, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Control groups as the kernel's documentation describes their files.
    #[test]
    fn the_least_of_a_group_and_those_above_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let group = |path: &str, limit: &str, used: &str, cache: &str| {
            let folder = root.join(path);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("memory.max"), limit).unwrap();
            fs::write(folder.join("memory.current"), used).unwrap();
            fs::write(folder.join("memory.stat"), cache).unwrap();
        };
        group("a/b", "max\n", "70\n", "anon 1\n");
        assert_eq!(least(root, "/a/b", &VERSION_2), None);
        group(
            "a",
            "1000\n",
            "300\n",
            "anon 5\ninactive_file 100\nactive_file 3\n",
        );
        assert_eq!(least(root, "/a/b", &VERSION_2), Some(800));
        group("a/b", "100\n", "170\n", "inactive_file 20\n");
        assert_eq!(least(root, "/a/b", &VERSION_2), Some(0));
        // A path of outside the container: its own group is the root.
        group("", "500\n", "200\n", "");
        assert_eq!(least(root, "/kubepods/x", &VERSION_2), Some(300));
        assert_eq!(least(root, "/a", &VERSION_1), None);
    }
}
