//! The pages' files, packed under names that carry their content's hash, so that they can be cached for ever.
//!
//! In a text file, `{{asset:NAME}}` stands for the packed name of another file. A file's hash is taken after its
//! references are filled in, so a change below changes every name above it. `{{include:PATH}}` stands for the text of
//! a file in a subfolder: so one packed script can be written in parts.
//!
//! Texts are packed twice, plain and compressed; scripts without the lines that are comments alone.

mod script;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// Source name → packed name: `widget.js` → `widget.1f2e3d4c5b6a7988.js`.
pub type Manifest = BTreeMap<String, String>;

/// The manifest's file name beside the packed files.
pub const MANIFEST: &str = "manifest.json";

/// What the compressed form of a packed file is called besides its name.
pub const COMPRESSED: &str = ".gz";

/// How a script's name ends.
const SCRIPT: &str = ".js";
const OPEN: &str = "{{";
const CLOSE: &str = "}}";
const ASSET: &str = "asset:";
const INCLUDE: &str = "include:";
/// Bytes of the hash that stay in the name.
const HASH_BYTES: usize = 8;

/// Files that cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file refers to one that is not there.
    #[error("{file} refers to {reference}, which is not there")]
    Missing {
        /// The file that refers.
        file: String,
        /// What it refers to.
        reference: String,
    },
    /// Files refer to each other in a circle.
    #[error("{0} refers to itself, directly or through others")]
    Circle(String),
    /// A folder or file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Fills in the references and names the files: packed name → bytes, and the manifest.
///
/// # Errors
/// A reference that leads nowhere, or round in a circle.
pub fn pack_files(sources: &BTreeMap<String, Vec<u8>>) -> Result<(BTreeMap<String, Vec<u8>>, Manifest), PackError> {
    let mut packer = Packer { sources, packed: BTreeMap::new(), manifest: Manifest::new(), open: vec![] };
    for name in sources.keys().filter(|name| !name.contains('/')) {
        packer.pack(name)?;
    }
    Ok((packer.packed, packer.manifest))
}

/// Packs a folder of files into another, with the manifest; what was in it before goes. The files of its subfolders are
/// there to be included, not to be packed.
///
/// # Errors
/// As [`pack_files`], and folders or files that cannot be read or written.
pub fn pack(from: &Path, to: &Path) -> Result<Manifest, PackError> {
    let mut sources = BTreeMap::new();
    read_folder(from, "", &mut sources)?;
    let (packed, manifest) = pack_files(&sources)?;
    if to.exists() {
        std::fs::remove_dir_all(to).map_err(at(to))?;
    }
    std::fs::create_dir_all(to).map_err(at(to))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = to.join(name);
        std::fs::write(&path, bytes).map_err(at(&path))
    };
    for (name, bytes) in &packed {
        write(name, bytes)?;
        if std::str::from_utf8(bytes).is_ok() {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            let compressed = encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(at(&to.join(name)))?;
            write(&format!("{name}{COMPRESSED}"), &compressed)?;
        }
    }
    write(MANIFEST, serde_json::json!(manifest).to_string().as_bytes())?;
    Ok(manifest)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PackError + use<> {
    let path = path.to_owned();
    move |source| PackError::Io { path, source }
}

/// Reads the files of a folder and of its subfolders, by their path below it.
fn read_folder(folder: &Path, below: &str, sources: &mut BTreeMap<String, Vec<u8>>) -> Result<(), PackError> {
    for entry in std::fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let name = format!("{below}{name}");
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), sources)?;
        } else {
            sources.insert(name, std::fs::read(&path).map_err(at(&path))?);
        }
    }
    Ok(())
}

struct Packer<'a> {
    sources: &'a BTreeMap<String, Vec<u8>>,
    packed: BTreeMap<String, Vec<u8>>,
    manifest: Manifest,
    open: Vec<String>,
}

impl Packer<'_> {
    fn pack(&mut self, name: &str) -> Result<String, PackError> {
        if let Some(done) = self.manifest.get(name) {
            return Ok(done.clone());
        }
        let mut bytes = self.filled(name)?;
        if let (true, Ok(text)) = (name.ends_with(SCRIPT), std::str::from_utf8(&bytes)) {
            bytes = script::without_comments(text).into_bytes();
        }
        let packed = hashed_name(name, &bytes);
        self.packed.insert(packed.clone(), bytes);
        self.manifest.insert(name.to_owned(), packed.clone());
        Ok(packed)
    }

    /// A file with its references filled in.
    fn filled(&mut self, name: &str) -> Result<Vec<u8>, PackError> {
        if self.open.iter().any(|open| open == name) {
            return Err(PackError::Circle(name.to_owned()));
        }
        let bytes = self.sources.get(name).ok_or_else(|| PackError::Missing {
            file: self.open.last().cloned().unwrap_or_default(),
            reference: name.to_owned(),
        })?;
        self.open.push(name.to_owned());
        let bytes = match std::str::from_utf8(bytes) {
            Ok(text) => self.fill(text)?.into_bytes(),
            Err(_) => bytes.clone(),
        };
        self.open.pop();
        Ok(bytes)
    }

    fn fill(&mut self, text: &str) -> Result<String, PackError> {
        let mut parts = text.split(OPEN);
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let reference = part.split_once(CLOSE);
            if let Some((Some(asset), rest)) = reference.map(|(reference, rest)| (reference.strip_prefix(ASSET), rest))
            {
                filled.push_str(&self.pack(asset)?);
                filled.push_str(rest);
            } else if let Some((Some(part), rest)) =
                reference.map(|(reference, rest)| (reference.strip_prefix(INCLUDE), rest))
            {
                filled.push_str(&String::from_utf8_lossy(&self.filled(part)?));
                filled.push_str(rest);
            } else {
                filled.push_str(OPEN);
                filled.push_str(part);
            }
        }
        Ok(filled)
    }
}

fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let hash: Vec<u8> = Sha256::digest(bytes).iter().take(HASH_BYTES).copied().collect();
    let hash = hex::encode(hash);
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(list: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_change_below_changes_every_name_above() {
        let page = |script: &str| {
            let files = sources(&[("a.html", "<script src=static/{{asset:b.js}}>"), ("b.js", script)]);
            pack_files(&files).unwrap()
        };
        let (files, manifest) = page("1");
        let html = String::from_utf8(files[&manifest["a.html"]].clone()).unwrap();
        assert_eq!(html, format!("<script src=static/{}>", manifest["b.js"]));
        assert_ne!(page("2").1["a.html"], manifest["a.html"]);
        assert_eq!(page("1").1, manifest);
    }

    #[test]
    fn a_part_is_included_and_not_packed_by_itself() {
        let parts =
            [("a.js", "(() => {\n{{include:a/one.js}}\n})()"), ("a/one.js", "run('{{asset:b.css}}')"), ("b.css", "")];
        let (files, manifest) = pack_files(&sources(&parts)).unwrap();
        assert_eq!(manifest.keys().collect::<Vec<_>>(), ["a.js", "b.css"]);
        let script = String::from_utf8(files[&manifest["a.js"]].clone()).unwrap();
        assert_eq!(script, format!("(() => {{\nrun('{}')\n}})()", manifest["b.css"]));
    }

    #[test]
    fn refuses_what_leads_nowhere_or_round() {
        let missing = pack_files(&sources(&[("a.js", "{{asset:b.js}}")])).unwrap_err();
        assert_eq!(missing.to_string(), "a.js refers to b.js, which is not there");
        let circle = pack_files(&sources(&[("a.js", "{{asset:b.js}}"), ("b.js", "{{asset:a.js}}")])).unwrap_err();
        assert!(matches!(circle, PackError::Circle(_)));
    }
}
