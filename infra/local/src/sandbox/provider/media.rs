//! Files that customers send, as their providers keep them for the company to fetch.

use std::collections::VecDeque;

use super::Act;
use crate::sandbox::wire::{Call, Reply};

/// Most files that one provider keeps.
const MOST: usize = 64;
/// Samples a second, and how many there are, of the voice note that is sent without one of its own.
const RATE: u32 = 8000;
const SAMPLES: u32 = 8000;

/// A file that a customer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What kind of message it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The media type that the provider states.
    pub mime: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The kinds of message that are files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A picture.
    Image,
    /// A voice note.
    Voice,
    /// A film.
    Video,
    /// Anything else.
    File,
}

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "image" => Self::Image,
            "voice" => Self::Voice,
            "video" => Self::Video,
            "file" => Self::File,
            _ => return None,
        })
    }

    /// One of four: for an image, a voice note, a film, anything else.
    pub fn of<T>(self, names: [T; 4]) -> T {
        let [image, voice, video, file] = names;
        match self {
            Self::Image => image,
            Self::Voice => voice,
            Self::Video => video,
            Self::File => file,
        }
    }
}

/// A file for those who send one and say not which: a picture of one dot, or a second of silence.
pub fn sample(kind: Kind) -> (Vec<u8>, &'static str) {
    match kind {
        Kind::Voice => (silence(), "audio/wav"),
        Kind::Image | Kind::Video | Kind::File => (DOT.to_vec(), "image/gif"),
    }
}

/// A GIF of one dot.
const DOT: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// WAV: linear samples of 16 bits, one channel.
fn silence() -> Vec<u8> {
    let data = SAMPLES * 2;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + data).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(RATE.to_le_bytes());
    wav.extend((RATE * 2).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(data.to_le_bytes());
    wav.resize(wav.len() + usize::try_from(data).unwrap_or_default(), 0);
    wav
}

/// The files that a provider keeps.
#[derive(Debug, Default)]
pub struct Shelf(VecDeque<Kept>);

/// A file that is kept.
#[derive(Debug)]
pub struct Kept {
    id: String,
    user: String,
    /// The file.
    pub file: Sent,
    /// How often it was asked for.
    asked: u32,
}

impl Kept {
    /// The file as an answer.
    pub fn reply(&self) -> Reply {
        let known = ["image/png", "image/jpeg", "image/gif", "audio/ogg", "audio/amr", "audio/wav", "audio/mp4"];
        let kind = known.into_iter().find(|known| *known == self.file.mime).unwrap_or("application/octet-stream");
        Reply { status: 200, kind, headers: vec![], body: self.file.bytes.clone() }
    }
}

impl Shelf {
    /// Keeps a file under the provider's id.
    pub fn keep(&mut self, id: &str, user: &str, file: &Sent) {
        self.0.push_back(Kept { id: id.to_owned(), user: user.to_owned(), file: file.clone(), asked: 0 });
        while self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    /// The file of this id, and how often it was asked for before.
    pub fn get(&mut self, id: &str) -> Option<(&Kept, u32)> {
        let kept = self.0.iter_mut().find(|kept| kept.id == id)?;
        let before = kept.asked;
        kept.asked += 1;
        Some((kept, before))
    }

    /// Whose the file is that a call asks for.
    pub fn whose(&self, call: &Call) -> Option<String> {
        let named = |kept: &&Kept| call.path.split('/').any(|part| part == kept.id) || call.query.contains(&kept.id);
        self.0.iter().find(named).map(|kept| kept.user.clone())
    }
}

/// What a channel says of whose files the sandbox plays nothing.
pub fn unplayed(act: &Act) -> String {
    let what =
        if let Act::Media(file) = act { file.kind.of(["pictures", "voice notes", "films", "files"]) } else { "that" };
    format!("the sandbox does not play {what} on this channel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_by_its_id_and_not_for_ever() {
        let mut shelf = Shelf::default();
        let (bytes, mime) = sample(Kind::Voice);
        assert_eq!((bytes.len(), &bytes[..4], &bytes[36..40]), (44 + 16_000, &b"RIFF"[..], &b"data"[..]));
        let file = Sent { kind: Kind::Voice, name: "v".to_owned(), mime: mime.to_owned(), bytes };
        for number in 0..=MOST {
            shelf.keep(&format!("id{number}"), "ann", &file);
        }
        assert!(shelf.get("id0").is_none());
        assert_eq!((shelf.get("id9").unwrap().1, shelf.get("id9").unwrap().1), (0, 1));
        assert_eq!(shelf.get("id9").unwrap().0.reply().kind, "audio/wav");
        let call = |path: &str, query: &str| Call { path: path.to_owned(), query: query.to_owned(), ..Call::default() };
        assert_eq!(shelf.whose(&call("/a/id9/content", "")).as_deref(), Some("ann"));
        assert_eq!(shelf.whose(&call("/a", "media_id=id9")).as_deref(), Some("ann"));
        assert_eq!(shelf.whose(&call("/a/id", "")), None);
    }
}
