//! The demo shop's knowledge.

use std::fs;
use std::path::Path;

use bot::knowledge::{KnowledgeBase, Source, check};

/// The base that its files hold.
pub(crate) fn knowledge() -> KnowledgeBase {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/scenarios/shop/knowledge");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let yaml = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let source = |path: std::path::PathBuf| Source {
        file: path.file_name().unwrap().to_string_lossy().into_owned(),
        text: fs::read_to_string(&path).unwrap(),
    };
    check(&yaml.map(source).collect::<Vec<_>>()).base.unwrap()
}
