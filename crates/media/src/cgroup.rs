//! A control group of its own for encoders, where the system lets us have one (cgroup v2): what they
//! take together is limited there, and taken from nobody else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of the group that encoders are moved to.
#[derive(Debug, Clone)]
pub(crate) struct Group(PathBuf);

impl Group {
    /// Makes it below the group of this process. None where that is not allowed, or nothing is limited.
    pub fn make(memory_bytes: u64) -> Option<Self> {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
        // The topmost group is the whole machine's, and nobody's to divide.
        if memory_bytes == 0 || own.is_empty() || own.contains("..") {
            return None;
        }
        let own = Path::new("/sys/fs/cgroup").join(own);
        Self::make_in(&own, memory_bytes).ok()
    }

    /// A group with parts has no processes itself, so this one goes to a part of its own first.
    fn make_in(own: &Path, memory_bytes: u64) -> io::Result<Self> {
        let offered = fs::read_to_string(own.join("cgroup.controllers"))?;
        if !offered.split_whitespace().any(|name| name == "memory") {
            return Err(io::Error::other("no memory controller"));
        }
        let (server, encoders) = (own.join("server"), own.join("encoders"));
        for folder in [&server, &encoders] {
            if !folder.is_dir() {
                fs::create_dir(folder)?;
            }
        }
        let processes = fs::read_to_string(own.join("cgroup.procs"))?;
        for process in processes.lines() {
            fs::write(server.join("cgroup.procs"), process)?;
        }
        fs::write(own.join("cgroup.subtree_control"), "+memory")?;
        let limit = encoders.join("memory.max");
        fs::write(&limit, memory_bytes.to_string())?;
        // The kernel rounds down to whole pages.
        let kept: u64 = fs::read_to_string(&limit)?.trim().parse().unwrap_or(0);
        if kept == 0 || kept > memory_bytes {
            return Err(io::Error::other("the limit was not taken"));
        }
        // Without the limit of swap the rest would go there.
        let _ = fs::write(encoders.join("memory.swap.max"), "0");
        Ok(Group(encoders))
    }

    /// What a process has taken before counts where it was; an encoder has hardly begun.
    pub fn take(&self, pid: i32) {
        let _ = fs::write(self.0.join("cgroup.procs"), pid.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(controllers: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cgroup.controllers"), controllers).unwrap();
        fs::write(folder.path().join("cgroup.procs"), "41\n").unwrap();
        folder
    }

    #[test]
    fn the_server_makes_room_before_it_divides() {
        let own = own("cpu memory pids\n");
        let group = Group::make_in(own.path(), 1 << 30).unwrap();
        group.take(42);
        let read = |name: &str| fs::read_to_string(own.path().join(name)).unwrap();
        assert_eq!(read("server/cgroup.procs"), "41");
        assert_eq!(read("cgroup.subtree_control"), "+memory");
        assert_eq!(read("encoders/memory.max"), "1073741824");
        assert_eq!(read("encoders/cgroup.procs"), "42");
    }

    #[test]
    fn without_the_controller_nothing_is_touched() {
        let own = own("cpu pids\n");
        assert!(Group::make_in(own.path(), 1 << 30).is_err());
        assert!(!own.path().join("server").exists());
    }
}
