//! A text's pieces: the split into known pieces whose scores add up highest (`SentencePiece`'s unigram model).

use std::ops::Range;

use super::file::whole;

/// Where the pieces are in the file, sorted by their bytes.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) count: usize,
    pub(super) starts: Range<usize>,
    pub(super) texts: Range<usize>,
    pub(super) scores: Range<usize>,
    /// The place of the piece for a character that is in none, and what one costs.
    pub(super) unknown: usize,
    pub(super) unknown_score: f32,
}

/// The best way to a place in the text.
#[derive(Clone, Copy)]
struct Way {
    score: f32,
    from: usize,
    piece: usize,
}

impl Pieces {
    /// Whether the texts are inside the file, and sorted.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        let texts = (0..self.count).map(|piece| self.text(bytes, piece));
        let end = whole(bytes, self.starts.start + self.count * 4) as usize;
        end == self.texts.len() && texts.is_sorted()
    }

    /// A piece's text.
    fn text<'a>(&self, bytes: &'a [u8], piece: usize) -> &'a [u8] {
        let bound = |at: usize| whole(bytes, self.starts.start + at * 4) as usize;
        let texts = bytes.get(self.texts.clone()).unwrap_or_default();
        texts.get(bound(piece)..bound(piece + 1)).unwrap_or_default()
    }

    fn score(&self, bytes: &[u8], piece: usize) -> f32 {
        f32::from_bits(whole(bytes, self.scores.start + piece * 4))
    }

    /// The pieces of a spelling, in order; that for the unknown when it is empty.
    pub(super) fn of(&self, bytes: &[u8], spelt: &str) -> Vec<usize> {
        let nowhere = Way { score: f32::NEG_INFINITY, from: 0, piece: self.unknown };
        let mut ways = vec![nowhere; spelt.len() + 1];
        ways.first_mut().into_iter().for_each(|start| start.score = 0.0);
        for (start, c) in spelt.char_indices() {
            let here = ways.get(start).map_or(f32::NEG_INFINITY, |way| way.score);
            let rest = spelt.as_bytes().get(start..).unwrap_or_default();
            let mut single = false;
            let mut reach = |length: usize, piece: usize, score: f32| {
                if let Some(way) = ways.get_mut(start + length)
                    && here + score > way.score
                {
                    *way = Way { score: here + score, from: start, piece };
                }
            };
            self.starting(bytes, rest, |length, piece| {
                single |= length == c.len_utf8();
                reach(length, piece, self.score(bytes, piece));
            });
            if !single {
                reach(c.len_utf8(), self.unknown, self.unknown_score);
            }
        }
        let mut found = Vec::new();
        let mut at = spelt.len();
        while at > 0 {
            let Some(way) = ways.get(at) else { break };
            found.push(way.piece);
            at = way.from;
        }
        found.reverse();
        if found.is_empty() { vec![self.unknown] } else { found }
    }

    /// Calls `each` with the length and the place of every piece that the text starts with, the shortest first.
    fn starting(&self, bytes: &[u8], text: &[u8], mut each: impl FnMut(usize, usize)) {
        // Those that agree so far.
        let mut agree = 0..self.count;
        for (at, byte) in text.iter().enumerate() {
            let next = |piece: usize| self.text(bytes, piece).get(at).copied();
            agree = partition(agree.clone(), |piece| next(piece) < Some(*byte))..partition(agree, |piece| {
                next(piece) <= Some(*byte)
            });
            if agree.is_empty() {
                break;
            }
            if self.text(bytes, agree.start).len() == at + 1 {
                each(at + 1, agree.start);
            }
        }
    }
}

/// The first place of a range at which `before` no longer holds.
fn partition(range: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = usize::midpoint(start, end);
        if before(middle) { start = middle + 1 } else { end = middle }
    }
    start
}
