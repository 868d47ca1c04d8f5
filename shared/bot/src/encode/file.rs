//! The encoder's file.
//!
//! `FDUSE`, a format byte, two bytes of zeros; the fingerprint: the first eight bytes of the SHA-256 digest of all that
//! follows it; then, little-endian and each beginning at a multiple of 4:
//!
//! 1. Eight numbers (u32): how many pieces there are, the bytes of their texts, the units of the spelling's trie, the
//!    bytes of its replacements, whether matrices are bytes (1) or single-precision numbers (0), and the places of the
//!    pieces for what is unknown, for a text's begin and for its end.
//! 2. Pieces, sorted by their bytes: where each one's text begins, and where the last ends (u32); the texts; the scores
//!    (f32); which scale each one's row has (u8).
//! 3. The score of a character that no piece has (f32); 17 scales and 17 offsets of rows (f32).
//! 4. The trie's units (u32) and its replacements, each ended by a zero.
//! 5. Matrices and vectors in the order of [`Dense`]; a matrix row by row, one of bytes after its columns' scales.
//! 6. The rows, 512 bytes each. They are most of the file, and stay in it until they are asked for.

use std::fmt;
use std::io::{self, ErrorKind};
use std::ops::Range;

use super::Fingerprint;
use super::matrix::Matrix;
use super::numbers::Numbers;
use super::pieces::Pieces;
use super::spelling::Spelling;
use super::steps::Steps;

const MAGIC: &[u8] = b"FDUSE";
/// The format. A reader refuses others.
const FORMAT: u8 = 2;
/// The bytes before the numbers, and those of the numbers.
const START: usize = 16;
const NUMBERS: usize = 32;
/// The widths of rows, of the part of a lane, of the hidden layers.
pub(super) const WIDTH: usize = 512;
pub(super) const LANE: usize = 256;
const HIDDEN: usize = 320;
/// Each lane's window: how many tokens it sees at once, and how many of them stand before.
pub(super) const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];
const SCALES: usize = 17;

/// Why a file is not an encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncoderError {
    /// It cannot be read, such as when there is none.
    #[error("the sentence encoder cannot be read: {0}")]
    Unreadable(ErrorKind),
    /// It does not begin as such files do.
    #[error("this is no sentence encoder; make it again with `cargo local encoder`")]
    NoEncoder,
    /// Written by another release.
    #[error(
        "the sentence encoder has format {0}, this release reads {FORMAT}; make it again with `cargo local encoder`"
    )]
    Format(u8),
    /// It ends early, goes on too long, or its parts do not fit together.
    #[error("the sentence encoder is damaged; make it again with `cargo local encoder`")]
    Damaged,
}

impl From<io::Error> for EncoderError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.kind())
    }
}

/// What a file holds.
#[derive(Debug)]
pub(super) struct Parts {
    /// The file's bytes as far as pieces and spelling go.
    pub(super) bytes: Vec<u8>,
    pub(super) pieces: Pieces,
    pub(super) spelling: Spelling,
    /// The places of the pieces for a text's begin and end.
    pub(super) begin: usize,
    pub(super) end: usize,
    row_scales: Range<usize>,
    scales: Vec<f32>,
    offsets: Vec<f32>,
    pub(super) dense: Dense,
    rows: Rows,
}

/// Fills a buffer with the file's bytes from a place on.
pub(super) type ReadAt = dyn Fn(&mut [u8], u64) -> io::Result<()> + Send + Sync;

/// What is left in the file.
struct Rows {
    read: Box<ReadAt>,
    start: u64,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("start", &self.start).finish_non_exhaustive()
    }
}

/// The layers' weights.
#[derive(Debug)]
pub(super) struct Dense {
    /// From a row to the three lanes; its constants; the gain and shift after it.
    pub(super) project: Layer,
    pub(super) project_norm: [Vec<f32>; 2],
    /// By lane: two steps over windows.
    pub(super) lanes: Vec<[Layer; 2]>,
    /// The gain and shift of a token's row and lanes.
    pub(super) norm: [Vec<f32>; 2],
    /// From the sum over tokens to a row.
    pub(super) sum: Layer,
    /// The four layers at the end: `d0`, `d1` with `p1` beside it, `d2`, `d3` with `p3` beside it.
    pub(super) first: Matrix,
    pub(super) second: [Matrix; 2],
    pub(super) third: Matrix,
    pub(super) last: [Matrix; 2],
}

/// A matrix and what is added after it.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) matrix: Matrix,
    pub(super) constants: Vec<f32>,
}

impl Parts {
    pub(super) fn read(length: usize, read: Box<ReadAt>) -> Result<(Self, Fingerprint), EncoderError> {
        let mut start = vec![0; length.min(START + NUMBERS)];
        read(&mut start, 0)?;
        let rest = start.strip_prefix(MAGIC).ok_or(EncoderError::NoEncoder)?;
        let &format = rest.first().ok_or(EncoderError::Damaged)?;
        if format != FORMAT {
            return Err(EncoderError::Format(format));
        }
        let fingerprint = rest.get(3..).and_then(|rest| rest.first_chunk()).ok_or(EncoderError::Damaged)?;
        let rows = (whole(&start, START) as usize).checked_mul(WIDTH);
        let head = rows.and_then(|rows| length.checked_sub(rows)).ok_or(EncoderError::Damaged)?;
        let mut bytes = vec![0; head];
        read(&mut bytes, 0)?;
        let mut reader = Reader { bytes: &bytes, at: START, quantised: false };
        let found = reader.parts().filter(|_| reader.at == head);
        let Found { pieces, spelling, ends: [begin, end], row_scales, scales: [scales, offsets], dense } =
            found.ok_or(EncoderError::Damaged)?;
        // The matrices are held in another form.
        bytes.truncate(spelling.replacements.end);
        bytes.shrink_to_fit();
        let rows = Rows { read, start: head as u64 };
        let parts = Self { bytes, pieces, spelling, begin, end, row_scales, scales, offsets, dense, rows };
        Ok((parts, Fingerprint(u64::from_le_bytes(*fingerprint))))
    }

    /// Writes a piece's row; zeros, as of a piece that says nothing, should the file not be readable any more.
    pub(super) fn row(&self, piece: usize, row: &mut [f32]) {
        let chunk = self.bytes.get(self.row_scales.clone()).and_then(|chunks| chunks.get(piece)).copied();
        let number = |list: &[f32]| list.get(usize::from(chunk.unwrap_or_default())).copied().unwrap_or_default();
        let (scale, offset) = (number(&self.scales), number(&self.offsets));
        let mut steps = [0; WIDTH];
        let Rows { read, start } = &self.rows;
        if read(&mut steps, start + (piece * WIDTH) as u64).is_err() {
            return row.fill(0.0);
        }
        for (value, step) in row.iter_mut().zip(steps) {
            *value = f32::from(step) * scale + offset;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether matrices are bytes.
    quantised: bool,
}

/// What stands before the rows.
struct Found {
    pieces: Pieces,
    spelling: Spelling,
    ends: [usize; 2],
    row_scales: Range<usize>,
    /// And their offsets.
    scales: [Vec<f32>; 2],
    dense: Dense,
}

impl Reader<'_> {
    /// The place of so many bytes, after which it goes on at a multiple of 4.
    fn range(&mut self, length: usize) -> Option<Range<usize>> {
        let range = self.at..self.at.checked_add(length)?;
        self.bytes.get(range.clone())?;
        self.at = range.end.next_multiple_of(4).min(self.bytes.len());
        Some(range)
    }

    fn whole(&mut self) -> Option<usize> {
        let range = self.range(4)?;
        usize::try_from(whole(self.bytes, range.start)).ok()
    }

    fn numbers(&mut self, count: usize) -> Option<Vec<f32>> {
        let range = self.range(count.checked_mul(4)?)?;
        let (chunks, _) = self.bytes.get(range)?.as_chunks::<4>();
        let numbers: Vec<f32> = chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
        numbers.iter().all(|number| number.is_finite()).then_some(numbers)
    }

    fn parts(&mut self) -> Option<Found> {
        let [pieces, texts, units, replacements] = [self.whole()?, self.whole()?, self.whole()?, self.whole()?];
        self.quantised = self.whole()? == 1;
        let [unknown, begin, end] = [self.whole()?, self.whole()?, self.whole()?];
        let starts = self.range(pieces.checked_add(1)?.checked_mul(4)?)?;
        let texts = self.range(texts)?;
        let scores = self.range(pieces * 4)?;
        let row_scales = self.range(pieces)?;
        let &[unknown_score] = self.numbers(1)?.as_slice() else { return None };
        let scales = [self.numbers(SCALES)?, self.numbers(SCALES)?];
        let spelling = Spelling { units: self.range(units.checked_mul(4)?)?, replacements: self.range(replacements)? };
        let pieces = Pieces { count: pieces, starts, texts, scores, unknown, unknown_score };
        let dense = self.dense()?;
        let fit = pieces.fits(self.bytes);
        fit.then_some(Found { pieces, spelling, ends: [begin, end], row_scales, scales, dense })
    }

    fn dense(&mut self) -> Option<Dense> {
        let lanes = LANE * WINDOWS.len();
        let project = self.layer(WIDTH, lanes)?;
        let project_norm = [self.numbers(lanes)?, self.numbers(lanes)?];
        let mut steps = Vec::new();
        for (window, _) in WINDOWS {
            steps.push([self.layer(window * LANE, LANE)?, self.layer(window * LANE, LANE)?]);
        }
        let norm = [self.numbers(WIDTH + lanes)?, self.numbers(WIDTH + lanes)?];
        Some(Dense {
            project,
            project_norm,
            lanes: steps,
            norm,
            sum: self.layer(WIDTH + lanes, WIDTH)?,
            first: self.matrix(WIDTH, HIDDEN)?,
            second: [self.matrix(HIDDEN, HIDDEN)?, self.matrix(WIDTH, HIDDEN)?],
            third: self.matrix(HIDDEN, WIDTH)?,
            last: [self.matrix(WIDTH, WIDTH)?, self.matrix(HIDDEN, WIDTH)?],
        })
    }

    fn layer(&mut self, inputs: usize, outputs: usize) -> Option<Layer> {
        Some(Layer { matrix: self.matrix(inputs, outputs)?, constants: self.numbers(outputs)? })
    }

    fn matrix(&mut self, inputs: usize, outputs: usize) -> Option<Matrix> {
        if !self.quantised {
            let numbers = Numbers::new(&self.numbers(inputs * outputs)?, inputs, outputs);
            return Some(Matrix::Numbers(numbers));
        }
        let scales = self.numbers(outputs)?;
        let range = self.range(inputs * outputs)?;
        Some(Matrix::Steps(Steps::new(self.bytes.get(range)?, scales, inputs, outputs)))
    }
}

/// The number (u32) that begins at a byte; 0 beyond the end.
pub(super) fn whole(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).map_or(0, |chunk| u32::from_le_bytes(*chunk))
}
