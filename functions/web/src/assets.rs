//! The chat's files, packed beside the function's `bootstrap` and read once at start.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use ui::Manifest;

/// The packed files.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    manifest: Manifest,
    files: BTreeMap<String, Asset>,
}

/// A packed file.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Its bytes.
    pub(crate) plain: Vec<u8>,
    /// The same, compressed with gzip; texts only.
    pub(crate) compressed: Option<Vec<u8>>,
}

/// The packed files are not what they should be.
#[derive(Debug, thiserror::Error)]
#[error("the packed file {file}: {source}")]
pub(crate) struct AssetsError {
    file: String,
    source: io::Error,
}

impl Assets {
    /// Reads a folder that `ui::pack` wrote.
    ///
    /// # Errors
    /// A file that the manifest lists and that cannot be read.
    pub(crate) fn load(folder: &Path) -> Result<Self, AssetsError> {
        let read = |name: &str| {
            std::fs::read(folder.join(name)).map_err(|source| AssetsError { file: name.to_owned(), source })
        };
        let manifest: Manifest = serde_json::from_slice(&read(ui::MANIFEST)?)
            .map_err(|error| AssetsError { file: ui::MANIFEST.to_owned(), source: error.into() })?;
        let asset = |name: &String| {
            let compressed = match read(&format!("{name}{}", ui::COMPRESSED)) {
                Ok(bytes) => Some(bytes),
                // Only texts are compressed.
                Err(error) if error.source.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            Ok((name.clone(), Asset { plain: read(name)?, compressed }))
        };
        let files: Result<_, _> = manifest.values().map(asset).collect();
        Ok(Self { files: files?, manifest })
    }

    /// A file by its packed name.
    pub(crate) fn packed(&self, name: &str) -> Option<&Asset> {
        self.files.get(name)
    }

    /// A file by its source name.
    pub(crate) fn named(&self, name: &str) -> Option<&Asset> {
        self.packed(self.manifest.get(name)?)
    }
}

/// The media type that a file's name tells.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
