//! What a Linux binary needs of the machine that runs it.

/// A C library version, such as (2, 34).
pub type Version = (u32, u32);

/// `sh_type` of the table of needed symbol versions.
const NEEDED_VERSIONS: u64 = 0x6fff_fffe;

/// Facts from a binary's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The `e_machine` number of its processor: 62 is `x86_64`, 183 is arm64.
    pub machine: u64,
    /// The newest glibc that it names; `None` if it needs none.
    pub glibc: Option<Version>,
}

/// Reads a 64-bit little-endian ELF file. `None` if it is none, or damaged.
pub fn facts(file: &[u8]) -> Option<Facts> {
    if file.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let machine = number(file, 18, 2)?;
    let (table, size, count) = (number(file, 40, 8)?, number(file, 58, 2)?, number(file, 60, 2)?);
    let section = |index: u64| (index < count).then(|| table.checked_add(index.checked_mul(size)?)).flatten();
    let mut glibc = None;
    for index in 0..count {
        let header = section(index)?;
        if number(file, header.checked_add(4)?, 4)? != NEEDED_VERSIONS {
            continue;
        }
        let names = section(number(file, header.checked_add(40)?, 4)?)?;
        let names = number(file, names.checked_add(24)?, 8)?;
        let versions = versions(file, number(file, header.checked_add(24)?, 8)?, names)?;
        glibc = glibc.max(versions.into_iter().max());
    }
    Some(Facts { machine, glibc })
}

/// The glibc versions in a chain of needed libraries, each with a chain of needed versions.
fn versions(file: &[u8], start: u64, names: u64) -> Option<Vec<Version>> {
    let mut versions = Vec::new();
    let mut library = start;
    loop {
        let mut need = library.checked_add(number(file, library.checked_add(8)?, 4)?)?;
        for _ in 0..number(file, library.checked_add(2)?, 2)? {
            let name = names.checked_add(number(file, need.checked_add(8)?, 4)?)?;
            versions.extend(text(file, name).and_then(version));
            need = need.checked_add(number(file, need.checked_add(12)?, 4)?)?;
        }
        match number(file, library.checked_add(12)?, 4)? {
            0 => return Some(versions),
            next => library = library.checked_add(next)?,
        }
    }
}

fn version(name: &str) -> Option<Version> {
    let mut parts = name.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn number(file: &[u8], at: u64, bytes: usize) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let field = file.get(at..at.checked_add(bytes)?)?;
    Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn text(file: &[u8], at: u64) -> Option<&str> {
    let rest = file.get(usize::try_from(at).ok()?..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_this_test_itself() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let facts = facts(&own).unwrap();
        assert_eq!(facts.machine, if cfg!(target_arch = "x86_64") { 62 } else { 183 });
        assert!(facts.glibc.unwrap() >= (2, 17), "{facts:?}");
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version("GLIBC_2.9").unwrap() < version("GLIBC_2.34").unwrap());
        assert_eq!(version("GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!((version("GLIBC_PRIVATE"), version("GCC_3.0")), (None, None));
    }

    #[test]
    fn what_is_no_binary_is_refused() {
        assert_eq!(facts(b"#!/bin/sh"), None);
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(facts(&own[..own.len() / 2]), None);
    }
}
