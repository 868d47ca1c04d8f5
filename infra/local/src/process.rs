//! The processes of a stack.
//!
//! Each is started with the stack's folder in its environment, and children inherit that. So all of a stack's
//! processes are found again, whoever died meanwhile, and no foreign process is ever taken for one.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::run;

const MARK: &str = "FRONTDESK_STACK";
const ROLE: &str = "FRONTDESK_ROLE";
const BUILD: &str = "FRONTDESK_BUILD";

/// What a process of a stack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The AWS emulator, and the functions that it started.
    Emulator,
    /// The sandbox.
    Sandbox,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Emulator => "emulator",
            Self::Sandbox => "sandbox",
        }
    }
}

/// A running process of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its process id.
    pub pid: i32,
    /// Whether the tool started it itself, and not one of the stack's processes.
    pub first: bool,
    role: String,
    build: String,
}

impl Process {
    /// Whether it was started in this role.
    pub fn is(&self, role: Role) -> bool {
        self.role == role.name()
    }

    /// Whether it was started from this build.
    pub fn is_from(&self, build: &str) -> bool {
        self.build == build
    }
}

/// Starts a process of a stack in the background, in a group of its own, with its output in a file.
///
/// # Errors
/// It cannot be started, or the file cannot be written.
pub fn start(command: &mut Command, dir: &Path, role: Role, build: &str, log: &Path) -> anyhow::Result<Child> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    let output = fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let errors = output.try_clone().with_context(|| format!("cannot write {}", log.display()))?;
    command
        .env(MARK, dir)
        .env(ROLE, role.name())
        .env(BUILD, build)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// All running processes of the stack in this folder.
pub fn of(dir: &Path) -> Vec<Process> {
    let mark = [MARK.as_bytes(), b"=", dir.as_os_str().as_encoded_bytes()].concat();
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let mut found = Vec::new();
    for pid in pids().into_iter().filter(|pid| *pid != own) {
        let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { continue };
        let variables: Vec<&[u8]> = environment.split(|byte| *byte == 0).collect();
        if !variables.contains(&mark.as_slice()) {
            continue;
        }
        let value = |name: &str| {
            let name = format!("{name}=");
            let value = variables.iter().find_map(|variable| variable.strip_prefix(name.as_bytes()));
            String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
        };
        if let Some(group) = group_of_living(pid) {
            found.push(Process { pid, first: group == pid, role: value(ROLE), build: value(BUILD) });
        }
    }
    found
}

/// How processes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// They were asked to and did.
    Polite,
    /// One of them had to be killed.
    Forced,
}

/// Ends processes: politely, and after the time by force.
///
/// # Errors
/// One of them cannot be ended.
pub fn end(processes: &[Process], time: Duration) -> anyhow::Result<Ending> {
    signal(processes, Signal::TERM);
    let gone = || processes.iter().all(|process| group_of_living(process.pid).is_none()).then_some(());
    if run::until(time, gone).is_some() {
        return Ok(Ending::Polite);
    }
    let rest: Vec<Process> =
        processes.iter().filter(|process| group_of_living(process.pid).is_some()).cloned().collect();
    signal(&rest, Signal::KILL);
    if run::until(Duration::from_secs(5), gone).is_none() {
        let pids: Vec<String> = rest.iter().map(|process| process.pid.to_string()).collect();
        bail!("these processes cannot be ended: {}", pids.join(", "));
    }
    Ok(Ending::Forced)
}

fn signal(processes: &[Process], signal: Signal) {
    // One of them may have ended on its own by now; whether all are gone is looked up afterwards.
    let sent = processes.iter().filter_map(|process| kill_process(Pid::from_raw(process.pid)?, signal).ok());
    sent.for_each(drop);
}

/// Who listens on a TCP port of this machine, as `pid (command)`; `None` when nobody does or it cannot be seen.
pub fn listener(port: u16) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .find_map(|table| listening_inode(&fs::read_to_string(table).unwrap_or_default(), port))?;
    let socket = format!("socket:[{inode}]");
    let owner = pids().into_iter().find(|pid| {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        descriptors.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|link| link.as_os_str() == socket.as_str())
    });
    Some(owner.map_or_else(
        || "a process of another user".to_owned(),
        |pid| {
            let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            let short: String = command.trim().chars().take(60).collect();
            format!("process {pid} ({short})")
        },
    ))
}

fn listening_inode(table: &str, port: u16) -> Option<String> {
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (_, local) = fields.get(1)?.rsplit_once(':')?;
        let listens = fields.get(3) == Some(&"0A") && u16::from_str_radix(local, 16) == Ok(port);
        listens.then(|| fields.get(9).map(ToString::to_string)).flatten()
    })
}

fn pids() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The group of a process that runs; `None` if it is gone or only waits to be collected.
fn group_of_living(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stacks_processes_are_found_and_ended() {
        let dir = std::env::temp_dir().join(format!("frontdesk-process-{}", std::process::id()));
        let log = dir.join("log");
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' TERM; sleep 300 & wait; sleep 300"]);
        let mut child = start(&mut shell, &dir, Role::Emulator, "b1", &log).unwrap();
        let both = run::until(Duration::from_secs(5), || {
            let found = of(&dir);
            (found.len() == 2).then_some(found)
        })
        .unwrap();
        let first = both.iter().find(|process| process.first).unwrap();
        assert_eq!(first.pid.cast_unsigned(), child.id());
        assert!(both.iter().all(|process| process.is(Role::Emulator) && process.is_from("b1")));
        assert!(of(&dir.join("other")).is_empty());
        assert_eq!(end(&both, Duration::from_millis(100)).unwrap(), Ending::Forced);
        child.wait().unwrap();
        assert!(of(&dir).is_empty());
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_owner_of_a_port_is_named() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert!(listener(port).unwrap().contains(&std::process::id().to_string()));
        drop(socket);
        assert_eq!(listener(port), None);
    }

    #[test]
    fn only_listening_sockets_count() {
        let table = "sl local_address\n\
            0: 0100007F:11D6 0100007F:9999 01 0:0 0:0 0 0 0 77 1\n\
            1: 0100007F:11D6 00000000:0000 0A 0:0 00:0 0 0 0 4242 1\n";
        assert_eq!(listening_inode(table, 4566), Some("4242".to_owned()));
        assert_eq!(listening_inode(table, 4567), None);
    }
}
