//! The sentence encoder, packed beside `bootstrap` where its weights could be had.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use app::answers::{Encoder, EncoderError};

/// Its file in the package; `cargo local` puts it there.
const FILE: &str = "encoder.fduse";

/// Loads it from the package's folder. Without it the bot understands by words alone, which is said once, here.
pub(crate) fn load(folder: Option<&str>) -> Option<Arc<Encoder>> {
    match open(&Path::new(folder?).join(FILE)) {
        Ok(encoder) => Some(Arc::new(encoder)),
        Err(EncoderError::Unreadable(ErrorKind::NotFound)) => {
            tracing::info!("no sentence encoder beside the function: messages are understood by words alone");
            None
        }
        Err(error) => {
            tracing::warn!(%error, "the sentence encoder cannot be used: messages are understood by words alone");
            None
        }
    }
}

fn open(path: &Path) -> Result<Encoder, EncoderError> {
    let file = File::open(path)?;
    Encoder::new(file.metadata()?.len(), move |buffer, at| file.read_exact_at(buffer, at))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn goes_on_without_it() {
        assert!(load(None).is_none());
        let folder = std::env::temp_dir().join(format!("responder-encoder-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(load(folder.to_str()).is_none());
        fs::write(folder.join(FILE), b"no encoder").unwrap();
        assert!(load(folder.to_str()).is_none());
        fs::remove_dir_all(&folder).unwrap();
    }
}
