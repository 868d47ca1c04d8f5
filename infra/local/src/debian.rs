//! Programs from Debian that take part in tests: nobody else packages them.

use std::process::Command;

use crate::{console, run, stack, tools};

/// Installs the programs that are not on PATH, each from the package of its name, if this is root on a Debian; a line says
/// what is left out otherwise. The tests that need them pass over what is missing, and say so.
pub fn offer(programs: &[&str]) {
    let missing: Vec<&str> = programs.iter().filter(|program| !on_path(program)).copied().collect();
    if missing.is_empty() {
        return;
    }
    let names = missing.join(" ");
    if !rustix::process::getuid().is_root() || !on_path("apt-get") {
        console::progress(format_args!("left out: {names}; install the Debian packages of these names to have them"));
        return;
    }
    console::progress(format_args!("installing from Debian: {names}"));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        run::logged("apt-get", &mut command, &stack::shared_dir().join("logs/debian.log"))
    };
    let install = [&["install", "-y", "-qq", "--no-install-recommends"][..], &missing].concat();
    if let Err(error) = apt(&["update", "-qq"]).and_then(|()| apt(&install)) {
        console::progress(format_args!("left out: {names}: {error:#}"));
    }
}

fn on_path(program: &str) -> bool {
    let path = tools::inherited("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}
