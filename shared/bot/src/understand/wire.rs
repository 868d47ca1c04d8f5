//! A trained model as bytes.
//!
//! `FDNLU`, a format number, then the fields in order: each list with its length before it, numbers little-endian, texts
//! in UTF-8. A feature's classes are kept as distances to the one before.

use super::model::Model;
use super::nearest::Vectors;
use super::num::place;
use super::space::Space;
use super::weights::Weights;

const MAGIC: &[u8] = b"FDNLU";
/// The format. A reader refuses others.
const FORMAT: u8 = 1;

/// Why bytes are not a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// They do not begin as a model does.
    #[error("this is no trained model; train it again")]
    NoModel,
    /// Written by another release.
    #[error("the trained model has format {0}, this release reads {FORMAT}; train it again with this release")]
    Format(u8),
    /// They end early, go on too long, or do not fit together.
    #[error("the trained model is damaged; train it again")]
    Damaged,
}

impl Model {
    /// The model as it is stored. The same model gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.push(FORMAT);
        bytes.push(u8::from(self.small));
        length(&mut bytes, self.labels.len());
        for label in &self.labels {
            length(&mut bytes, label.len());
            bytes.extend(label.as_bytes());
        }
        length(&mut bytes, self.space.hashes.len());
        bytes.extend(self.space.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        numbers(&mut bytes, &self.space.worths);
        numbers(&mut bytes, &[self.space.rarest, self.threshold]);
        numbers(&mut bytes, &self.weights.scales);
        let bounds = self.weights.starts.windows(2);
        let mut packed = Vec::new();
        for bound in bounds {
            let &[start, end] = bound else { continue };
            let entries = start as usize..end as usize;
            let classes = self.weights.classes.get(entries.clone()).unwrap_or_default();
            let steps = self.weights.steps.get(entries).unwrap_or_default();
            pack(&mut packed, classes, steps);
        }
        length(&mut bytes, packed.len());
        bytes.append(&mut packed);
        length(&mut bytes, self.dense.len());
        numbers(&mut bytes, &self.dense);
        length(&mut bytes, self.vectors.dimensions);
        length(&mut bytes, self.vectors.scales.len());
        numbers(&mut bytes, &self.vectors.scales);
        bytes.extend(self.vectors.steps.iter().flat_map(|step| step.to_le_bytes()));
        bytes
    }

    /// Reads a stored model.
    ///
    /// # Errors
    /// The bytes are no model of this release.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(WireError::NoModel)?;
        let (&format, rest) = rest.split_first().ok_or(WireError::Damaged)?;
        if format != FORMAT {
            return Err(WireError::Format(format));
        }
        let mut reader = Reader(rest);
        let model = reader.model().ok_or(WireError::Damaged)?;
        if reader.0.is_empty() { Ok(model) } else { Err(WireError::Damaged) }
    }
}

/// A distance of so much to the next class that there is, and the sign of an entry that is only there to bridge it.
const FAR: u8 = 255;
/// The end of a feature's entries.
const END: u8 = 0;

fn length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend(place(length).to_le_bytes());
}

fn numbers(bytes: &mut Vec<u8>, numbers: &[f32]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Each entry: the distance from the class before (from −1 at first), then the steps; at last [`END`].
fn pack(bytes: &mut Vec<u8>, classes: &[u16], steps: &[i8]) {
    let mut next = 0;
    for (class, step) in classes.iter().zip(steps) {
        let mut distance = class + 1 - next;
        while distance >= u16::from(FAR) {
            bytes.push(FAR);
            distance -= u16::from(FAR) - 1;
        }
        bytes.push(u8::try_from(distance).unwrap_or(FAR));
        bytes.extend(step.to_le_bytes());
        next = class + 1;
    }
    bytes.push(END);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn length(&mut self) -> Option<usize> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    }

    fn numbers(&mut self, count: usize) -> Option<Vec<f32>> {
        let (chunks, _) = self.take(count.checked_mul(4)?)?.as_chunks::<4>();
        let numbers: Vec<f32> = chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
        numbers.iter().all(|number| number.is_finite()).then_some(numbers)
    }

    fn model(&mut self) -> Option<Model> {
        let &[small @ (0 | 1)] = self.take(1)? else { return None };
        let classes = self.length()?;
        let mut labels = Vec::new();
        for _ in 0..classes {
            let length = self.length()?;
            labels.push(String::from_utf8(self.take(length)?.to_vec()).ok()?);
        }
        let features = self.length()?;
        let (chunks, _) = self.take(features.checked_mul(4)?)?.as_chunks::<4>();
        let hashes: Vec<u32> = chunks.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect();
        let worths = self.numbers(features)?;
        let &[rarest, threshold] = self.numbers(2)?.as_slice() else { return None };
        let scales = self.numbers(features)?;
        let packed = self.length()?;
        let weights = unpack(self.take(packed)?, scales, classes)?;
        let dense = self.length()?;
        let dense = self.numbers(dense)?;
        let dimensions = self.length()?;
        let count = self.length()?;
        let scales = self.numbers(count)?;
        let steps = self.take(count.checked_mul(dimensions)?)?;
        let steps = steps.iter().map(|step| i8::from_le_bytes([*step])).collect();
        let fits = hashes.is_sorted_by(|a, b| a < b) && dense.len() == (dimensions + 1) * classes;
        let vectors = Vectors { dimensions, scales, steps };
        let space = Space { hashes, worths, rarest };
        fits.then_some(Model { labels, space, weights, dense, vectors, threshold, small: small == 1 })
    }
}

/// Reads as many features' entries as there are scales.
fn unpack(bytes: &[u8], scales: Vec<f32>, classes: usize) -> Option<Weights> {
    let mut weights = Weights { starts: vec![0], scales, ..Weights::default() };
    let mut bytes = bytes.iter();
    for _ in 0..weights.scales.len() {
        let mut next = 0_usize;
        loop {
            match *bytes.next()? {
                END => break,
                FAR => next += usize::from(FAR) - 1,
                distance => {
                    next += usize::from(distance);
                    weights.classes.push(u16::try_from(next - 1).ok().filter(|class| usize::from(*class) < classes)?);
                    weights.steps.push(i8::from_le_bytes([*bytes.next()?]));
                }
            }
        }
        weights.starts.push(place(weights.classes.len()));
    }
    bytes.next().is_none().then_some(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_far_apart_come_back() {
        for classes in [vec![0_u16], vec![254, 255, 508], vec![0, 253, 254, 600, 999], vec![]] {
            let steps: Vec<i8> = (1..).take(classes.len()).collect();
            let mut bytes = Vec::new();
            pack(&mut bytes, &classes, &steps);
            let weights = unpack(&bytes, vec![1.0], 1000).unwrap();
            assert_eq!((weights.classes, weights.steps), (classes, steps));
        }
    }

    #[test]
    fn a_class_that_is_not_there_is_damage() {
        let mut bytes = Vec::new();
        pack(&mut bytes, &[7], &[1]);
        assert!(unpack(&bytes, vec![1.0], 8).is_some() && unpack(&bytes, vec![1.0], 7).is_none());
    }
}
