//! What was learnt from a base, for responders with the sentence encoder and for those without.
//!
//! As bytes: which features the models know; the judges and the rest of the model of words alone; then, if there is one
//! (a byte), the encoder's fingerprint and the judges and the rest of the model that was trained with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::judge::{Bounds, Judge, Judges};
use super::learn::{Opinionated, learn};
use crate::encode::{DIMENSIONS, Encoder, Fingerprint};
use crate::knowledge::KnowledgeBase;
use crate::understand::{Reader, Space, WireError, in_proportion, numbers};

/// The models of a base.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trained {
    alone: Arc<Opinionated>,
    encoded: Option<(Fingerprint, Arc<Opinionated>)>,
}

/// Which release of the training this is. Raise it when the same base comes to give other models.
pub(crate) const TRAINING: u8 = 4;

/// How many bytes the models may have together, and that of words alone when there is another.
const MOST_BYTES: usize = 9_800_000;
const MOST_ALONE: usize = 2_600_000;

impl Trained {
    /// Learns a base's phrasings in all its languages. The same base and encoder give the same models; with the base's
    /// own bytes they have at most ten million, and in proportion more beyond ten thousand questions.
    pub(crate) fn learn(base: &KnowledgeBase, encoder: Option<&Encoder>, base_bytes: usize) -> Self {
        let questions: usize = base.entries.iter().flat_map(|entry| entry.questions.values()).map(Vec::len).sum();
        let titles: usize = base.entries.iter().map(|entry| entry.title.0.len()).sum();
        let most = in_proportion(MOST_BYTES, questions).saturating_sub(base_bytes);
        // The vectors of all phrasings, a byte a dimension, are kept whatever they leave.
        let rest = most.saturating_sub((questions + titles) * DIMENSIONS);
        let alone = learn(base, None, if encoder.is_some() { MOST_ALONE.min(rest / 2) } else { most });
        let mut written = Vec::new();
        write(&mut written, &alone);
        let with = |encoder: &Encoder| {
            let found = learn(base, Some(encoder), most.saturating_sub(written.len()));
            (encoder.fingerprint(), Arc::new(found))
        };
        Self { encoded: encoder.map(with), alone: Arc::new(alone) }
    }

    /// The model of words alone.
    pub(super) fn alone(&self) -> &Arc<Opinionated> {
        &self.alone
    }

    /// The model that was trained with this encoder, if there is one.
    pub(super) fn with(&self, encoder: &Encoder) -> Option<&Arc<Opinionated>> {
        let (trained_with, found) = self.encoded.as_ref()?;
        (*trained_with == encoder.fingerprint()).then_some(found)
    }

    /// As it is stored.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.alone.model.write_space(&mut bytes);
        write(&mut bytes, &self.alone);
        bytes.push(u8::from(self.encoded.is_some()));
        if let Some((Fingerprint(encoder), found)) = &self.encoded {
            bytes.extend(encoder.to_le_bytes());
            write(&mut bytes, found);
        }
        bytes
    }

    /// Reads what is stored.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader(bytes);
        let found = read(&mut reader).ok_or(WireError::Damaged)?;
        if reader.0.is_empty() { Ok(found) } else { Err(WireError::Damaged) }
    }

    /// Whether every class is one of the base's entries.
    pub(crate) fn fits(&self, base: &KnowledgeBase) -> bool {
        let ids: BTreeSet<&String> = base.entries.iter().map(|entry| &entry.id).collect();
        let all = |opinionated: &Opinionated| opinionated.model.labels().iter().all(|label| ids.contains(label));
        all(&self.alone) && self.encoded.iter().all(|(_, found)| all(found))
    }
}

fn write(bytes: &mut Vec<u8>, Opinionated { model, judges, elsewhere }: &Opinionated) {
    let Judges { usual, wordless } = judges;
    bytes.push(u8::from(wordless.is_some()));
    for Judge { model, words, any, best, bounds } in std::iter::once(usual).chain(wordless) {
        numbers(bytes, &[*model, *words]);
        numbers(bytes, any);
        numbers(bytes, best);
        bytes.extend([bounds.sure, bounds.unsure].map(f64::to_le_bytes).as_flattened());
    }
    elsewhere.write(bytes);
    model.write_rest(bytes);
}

fn read(reader: &mut Reader<'_>) -> Option<Trained> {
    let space = reader.space()?;
    let alone = Arc::new(opinionated(reader, space.clone())?);
    let encoded = match reader.take(1)? {
        [0] => None,
        [1] => {
            let encoder = Fingerprint(u64::from_le_bytes(*reader.take(8)?.first_chunk()?));
            Some((encoder, Arc::new(opinionated(reader, space)?)))
        }
        _ => return None,
    };
    Some(Trained { alone, encoded })
}

fn opinionated(reader: &mut Reader<'_>, space: Space) -> Option<Opinionated> {
    let &[there @ (0 | 1)] = reader.take(1)? else { return None };
    let usual = judge(reader)?;
    let wordless = if there == 1 { Some(judge(reader)?) } else { None };
    let elsewhere = reader.vectors()?;
    Some(Opinionated { model: reader.model(space)?, judges: Judges { usual, wordless }, elsewhere })
}

fn judge(reader: &mut Reader<'_>) -> Option<Judge> {
    let &[model, words] = reader.numbers(2)?.first_chunk()?;
    let &any = reader.numbers(5)?.first_chunk()?;
    let &best = reader.numbers(2)?.first_chunk()?;
    let mut bound = || {
        let bound = f64::from_le_bytes(*reader.take(8)?.first_chunk()?);
        (0.0..=1.0).contains(&bound).then_some(bound)
    };
    Some(Judge { model, words, any, best, bounds: Bounds { sure: bound()?, unsure: bound()?, chances: true } })
}
