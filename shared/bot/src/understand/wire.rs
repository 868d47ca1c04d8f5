//! A trained model as bytes.
//!
//! `FDNLU`, a format number, then the fields in order: each list with its length before it, numbers little-endian, texts
//! in UTF-8. A feature's classes are kept as distances to the one before. What begins with the features that the model
//! knows stands apart from the rest, since models of the same phrasings have it in common.

use super::dense::Dense;
use super::model::Model;
use super::nearest::Vectors;
use super::num::place;
use super::space::Space;
use super::weights::Weights;

const MAGIC: &[u8] = b"FDNLU";
/// The format. A reader refuses others.
const FORMAT: u8 = 2;

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
        let mut bytes = MAGIC.to_vec();
        bytes.push(FORMAT);
        self.write_space(&mut bytes);
        self.write_rest(&mut bytes);
        bytes
    }

    /// Writes which features it knows.
    pub(crate) fn write_space(&self, bytes: &mut Vec<u8>) {
        length(bytes, self.space.hashes.len());
        bytes.extend(self.space.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        numbers(bytes, &self.space.worths);
        numbers(bytes, &[self.space.rarest]);
    }

    /// Writes everything else.
    pub(crate) fn write_rest(&self, bytes: &mut Vec<u8>) {
        length(bytes, self.labels.len());
        for label in &self.labels {
            length(bytes, label.len());
            bytes.extend(label.as_bytes());
        }
        numbers(bytes, &[self.threshold]);
        numbers(bytes, &self.weights.scales);
        let bounds = self.weights.starts.windows(2);
        let mut packed = Vec::new();
        for bound in bounds {
            let &[start, end] = bound else { continue };
            let entries = start as usize..end as usize;
            let classes = self.weights.classes.get(entries.clone()).unwrap_or_default();
            let steps = self.weights.steps.get(entries).unwrap_or_default();
            pack(&mut packed, classes, steps);
        }
        length(bytes, packed.len());
        bytes.append(&mut packed);
        length(bytes, self.dense.scales.len());
        numbers(bytes, &self.dense.scales);
        bytes.extend(self.dense.steps.iter().flat_map(|step| step.to_le_bytes()));
        self.vectors.write(bytes);
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
        let model = reader.space().and_then(|space| reader.model(space)).ok_or(WireError::Damaged)?;
        if reader.0.is_empty() { Ok(model) } else { Err(WireError::Damaged) }
    }
}

impl Vectors {
    /// Writes the vectors.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        length(bytes, self.dimensions);
        length(bytes, self.scales.len());
        numbers(bytes, &self.scales);
        let (pairs, last) = self.steps.as_chunks::<2>();
        bytes.extend(pairs.iter().map(|[low, high]| half(*low) | half(*high) << HALF));
        bytes.extend(last.iter().map(|low| half(*low)));
    }
}

/// A step of a phrasing's vector takes so many bits, and is stored as if 0 were [`MIDDLE`].
const HALF: u32 = 4;
const MIDDLE: i8 = 8;

fn half(step: i8) -> u8 {
    u8::try_from(step.saturating_add(MIDDLE)).unwrap_or_default() & 0xF
}

fn halves(byte: u8) -> [i8; 2] {
    [byte & 0xF, byte >> HALF].map(|half| i8::from_le_bytes([half]) - MIDDLE)
}

/// A distance of so much to the next class that there is, and the sign of an entry that is only there to bridge it.
const FAR: u8 = 255;
/// The end of a feature's entries.
const END: u8 = 0;

/// Writes a length.
fn length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend(place(length).to_le_bytes());
}

/// Writes numbers.
pub(crate) fn numbers(bytes: &mut Vec<u8>, numbers: &[f32]) {
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

/// What of some bytes is still to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn length(&mut self) -> Option<usize> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    }

    pub(crate) fn numbers(&mut self, count: usize) -> Option<Vec<f32>> {
        let (chunks, _) = self.take(count.checked_mul(4)?)?.as_chunks::<4>();
        let numbers: Vec<f32> = chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
        numbers.iter().all(|number| number.is_finite()).then_some(numbers)
    }

    /// Which features a model knows.
    pub(crate) fn space(&mut self) -> Option<Space> {
        let features = self.length()?;
        let (chunks, _) = self.take(features.checked_mul(4)?)?.as_chunks::<4>();
        let hashes: Vec<u32> = chunks.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect();
        let worths = self.numbers(features)?;
        let &[rarest] = self.numbers(1)?.as_slice() else { return None };
        hashes.is_sorted_by(|a, b| a < b).then_some(Space { hashes, worths, rarest })
    }

    /// The rest of a model.
    pub(crate) fn model(&mut self, space: Space) -> Option<Model> {
        let classes = self.length()?;
        let mut labels = Vec::new();
        for _ in 0..classes {
            let length = self.length()?;
            labels.push(String::from_utf8(self.take(length)?.to_vec()).ok()?);
        }
        let &[threshold] = self.numbers(1)?.as_slice() else { return None };
        let scales = self.numbers(space.len())?;
        let packed = self.length()?;
        let weights = unpack(self.take(packed)?, scales, classes)?;
        let rows = self.length()?;
        let scales = self.numbers(rows)?;
        let dense = Dense { scales, steps: self.steps(rows.checked_mul(classes)?)? };
        let vectors = self.vectors()?;
        let fits = rows == vectors.dimensions + 1 || (rows == 0 && classes == 0);
        fits.then_some(Model { labels, space, weights, dense, vectors, threshold })
    }

    /// Vectors.
    pub(crate) fn vectors(&mut self) -> Option<Vectors> {
        let dimensions = self.length()?;
        let count = self.length()?;
        let scales = self.numbers(count)?;
        let all = count.checked_mul(dimensions)?;
        let mut steps: Vec<i8> = self.take(all.div_ceil(2))?.iter().flat_map(|byte| halves(*byte)).collect();
        steps.truncate(all);
        Some(Vectors { dimensions, scales, steps })
    }

    fn steps(&mut self, count: usize) -> Option<Vec<i8>> {
        Some(self.take(count)?.iter().map(|step| i8::from_le_bytes([*step])).collect())
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
