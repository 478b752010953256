//! What a file from outside may make ffmpeg do: read that file and what belongs to the system, write into the folder of
//! its output, and nothing else. Linux's Landlock holds it to that, whatever flaw a decoder has.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};

/// The newest whose rights are asked for; an older kernel holds what it knows.
const KNOWN: ABI = ABI::V5;
/// Programs, libraries, fonts and certificates.
const SYSTEM: [&str; 11] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix",
    "/gnu",
    "/run/systemd/resolve",
];
/// What the machine says of itself.
const ABOUT: [&str; 2] = ["/proc", "/sys"];
const DEVICES: &str = "/dev";

/// The paths of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    read: BTreeSet<PathBuf>,
    write: BTreeSet<PathBuf>,
    /// Does it load its source from afar?
    is_online: bool,
}

impl Bounds {
    /// Reads them off the arguments: what follows `-i` is read, every other file is written. `program` lies where the
    /// system's programs do not have to.
    pub fn of(program: &Path, args: &[OsString]) -> Self {
        let mut bounds = Bounds::default();
        bounds.read.extend(program.canonicalize().ok());
        let mut is_input = false;
        for arg in args {
            if let Some(path) = arg.as_bytes().strip_prefix(b"file:") {
                let path = Path::new(std::ffi::OsStr::from_bytes(path));
                if is_input {
                    bounds.read.insert(path.to_owned());
                } else if let Some(folder) = path.parent() {
                    bounds.write.insert(folder.to_owned());
                }
            }
            bounds.is_online |= arg.as_bytes().starts_with(b"http");
            is_input = arg == "-i";
        }
        bounds
    }

    /// Holds this thread, and whatever it starts from now on, for ever. Tells whether the kernel does so.
    pub fn enter(&self) -> Result<bool, RulesetError> {
        let mut rules = Ruleset::default().handle_access(AccessFs::from_all(KNOWN))?;
        if !self.is_online {
            rules = rules.handle_access(AccessNet::from_all(KNOWN))?;
        }
        let read = AccessFs::from_read(KNOWN);
        let look = AccessFs::ReadFile | AccessFs::ReadDir;
        let write = AccessFs::from_all(KNOWN) & !AccessFs::Execute;
        let use_device = look | AccessFs::WriteFile | AccessFs::IoctlDev;
        let mut rules = rules.create()?;
        let system = SYSTEM.iter().map(|path| (Path::new(path), read));
        let about = ABOUT.iter().map(|path| (Path::new(path), look));
        let devices = [(Path::new(DEVICES), use_device)];
        let inputs = self.read.iter().map(|path| (path.as_path(), read));
        let outputs = self.write.iter().map(|path| (path.as_path(), write));
        for (path, access) in system
            .chain(about)
            .chain(devices)
            .chain(inputs)
            .chain(outputs)
        {
            // What is not there needs no rule.
            let Ok(place) = PathFd::new(path) else {
                continue;
            };
            let access = if path.is_dir() {
                access
            } else {
                access & AccessFs::from_file(KNOWN)
            };
            rules = rules.add_rule(PathBeneath::new(place, access))?;
        }
        let status = rules.restrict_self()?;
        Ok(status.ruleset != RulesetStatus::NotEnforced)
    }
}

/// Does this kernel hold anybody to anything? Asked on a thread of its own, which is then gone.
pub(crate) fn works() -> bool {
    let asked = std::thread::Builder::new().spawn(|| Bounds::default().enter());
    asked
        .ok()
        .and_then(|thread| thread.join().ok())
        .is_some_and(|entered| entered.unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_come_from_the_arguments() {
        let args = |words: &str| -> Vec<OsString> { words.split(' ').map(Into::into).collect() };
        let bounds = Bounds::of(
            Path::new("/bin/true"),
            &args("-v error -i file:/in/a.mp4 -map 0 -f mp4 file:/scratch/3/x.mp4"),
        );
        assert!(bounds.read.contains(Path::new("/in/a.mp4")), "{bounds:?}");
        assert_eq!(bounds.write, BTreeSet::from(["/scratch/3".into()]));
        assert!(!bounds.is_online);
        assert!(Bounds::of(Path::new("/x"), &args("-i https://b.example/x")).is_online);
    }
}
