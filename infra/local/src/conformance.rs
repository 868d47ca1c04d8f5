//! What the conformance tests found: the table that they write.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::{console, stack};

/// Where the tests write it.
pub fn file() -> PathBuf {
    stack::shared_dir().join("conformance.md")
}

/// Forgets the table before.
///
/// # Errors
/// It cannot be removed.
pub fn begin() -> anyhow::Result<()> {
    let file = file();
    if file.exists() {
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(())
}

/// Prints the table.
///
/// # Errors
/// There is none.
pub fn conclude() -> anyhow::Result<()> {
    let file = file();
    if !file.exists() {
        bail!("the conformance tests wrote no table");
    }
    let table = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    table.lines().for_each(console::say);
    Ok(())
}
