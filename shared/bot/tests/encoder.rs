//! The sentence encoder gives what the package's own code gives. Its weights are no part of the project: where
//! `cargo local encoder --full` has not put them below `target/local/encoder`, this says so.

#![expect(clippy::print_stdout, reason = "the figures are worth reading")]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use bot::encode::{DIMENSIONS, Encoder, EncoderError};
use sha2::{Digest as _, Sha256};

fn file(name: &str) -> Option<Vec<u8>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/local/encoder").join(name);
    let read = fs::read(&path).ok();
    if read.is_none() {
        println!("skipped: there is no {}; `cargo local encoder --full` makes it", path.display());
    }
    read
}

/// Texts with the vectors that the package gives them.
fn reference() -> Option<Vec<(String, Vec<f32>)>> {
    let texts = String::from_utf8(file("texts.txt")?).ok()?;
    let vectors = file("vectors.f32")?;
    let numbers: Vec<f32> = vectors.as_chunks::<4>().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
    Some(texts.lines().map(str::to_owned).zip(numbers.chunks_exact(DIMENSIONS).map(<[f32]>::to_vec)).collect())
}

fn cosine(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

#[test]
fn every_piece_gives_what_the_package_gives() {
    let (Some(bytes), Some(reference)) = (file("full.fduse"), reference()) else { return };
    let encoder = Encoder::from_bytes(bytes).unwrap();
    let mut most = 0.0_f32;
    for (text, expected) in &reference {
        let found = encoder.encode_as_written(text);
        let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 1e-4, "{text}: {apart}");
        most = most.max(apart);
    }
    println!("{} texts, at most {most:e} apart", reference.len());
    assert!(reference.len() >= 1000);
}

#[test]
fn what_is_deployed_is_near_to_that() {
    let (Some(bytes), Some(reference)) = (file("encoder.fduse"), reference()) else { return };
    let encoder = Encoder::from_bytes(bytes).unwrap();
    let cosines: Vec<f64> =
        reference.iter().map(|(text, full)| cosine(&encoder.encode_as_written(text), full)).collect();
    let mean = cosines.iter().sum::<f64>() / f64::from(u32::try_from(cosines.len()).unwrap());
    println!("mean cosine {mean:.5}, least {:.4}", cosines.iter().copied().fold(1.0, f64::min));
    assert!(mean >= 0.999);
}

#[test]
fn meanings_are_near_across_languages() {
    let Some(bytes) = file("encoder.fduse") else { return };
    let encoder = Encoder::from_bytes(bytes).unwrap();
    let vector = |text: &str| encoder.encode(text);
    let asked = vector("怎么退货？");
    assert!(cosine(&asked, &vector("how do I return an item")) > cosine(&asked, &vector("what is the weather")) + 0.2);
    let traditional = cosine(&vector("買錯了想退貨，運費誰付"), &vector("买错了想退货，运费谁付"));
    assert!((traditional - 1.0).abs() < 1e-6, "{traditional}");
    for text in ["", " ", "😀", "\u{10FFFF}", &"长".repeat(3000)] {
        let found = vector(text);
        assert!((cosine(&found, &found) - 1.0).abs() < 1e-3, "{text}");
    }
}

#[test]
fn capitals_do_not_matter_in_questions() {
    let Some(bytes) = file("encoder.fduse") else { return };
    let encoder = Encoder::from_bytes(bytes).unwrap();
    let (written, typed) = ("Where is my ATM card?", "where is my atm card?");
    assert!(cosine(&encoder.encode(written), &encoder.encode(typed)) < 0.999);
    let [one, other] = [written, typed].map(|text| encoder.encode_question(text));
    assert!((cosine(&one, &other) - 1.0).abs() < 1e-6);
    assert_eq!(encoder.encode_questions(&[written, typed]), [one, other].concat());
}

#[test]
fn refuses_what_is_no_encoder() {
    let no = |bytes: &[u8]| Encoder::from_bytes(bytes.to_vec()).unwrap_err();
    assert_eq!(no(b""), EncoderError::NoEncoder);
    assert_eq!(no(b"FDUSE"), EncoderError::Damaged);
    assert_eq!(no(b"FDUSE\x01\0\0"), EncoderError::Format(1));
    assert_eq!(no(b"FDUSE\x02\0\0"), EncoderError::Damaged);
    for filling in [0, 1, 0x7F, 0xFF] {
        assert_eq!(no(&[&b"FDUSE\x02\0\0"[..], &[filling; 400]].concat()), EncoderError::Damaged, "{filling}");
    }
    let gone = Encoder::new(100, |_, _| Err(ErrorKind::NotFound.into())).unwrap_err();
    assert_eq!(gone, EncoderError::Unreadable(ErrorKind::NotFound));
    let Some(bytes) = file("encoder.fduse") else { return };
    assert_eq!(no(&bytes[..bytes.len() - 1]), EncoderError::Damaged);
    assert_eq!(no(&bytes[..bytes.len() / 2]), EncoderError::Damaged);
    assert_eq!(no(&[&bytes[..], b"!"].concat()), EncoderError::Damaged);
}

#[test]
fn the_fingerprint_is_of_all_that_follows_it() {
    let Some(bytes) = file("encoder.fduse") else { return };
    assert_eq!(bytes[8..16], Sha256::digest(&bytes[16..])[..8]);
}

#[test]
fn a_file_that_goes_away_costs_words_and_no_crash() {
    let Some(bytes) = file("encoder.fduse") else { return };
    let whole = Encoder::from_bytes(bytes.clone()).unwrap();
    let length = bytes.len() as u64;
    let read = AtomicUsize::default();
    let encoder = Encoder::new(length, move |buffer, at| {
        if read.fetch_add(1, Ordering::Relaxed) > 10 {
            return Err(ErrorKind::Other.into());
        }
        buffer.copy_from_slice(&bytes[usize::try_from(at).unwrap()..][..buffer.len()]);
        Ok(())
    });
    let encoder = encoder.unwrap();
    assert_eq!(encoder.encode("怎么退货"), whole.encode("怎么退货"));
    let lost = encoder.encode("where is the parcel that I ordered on Monday");
    assert!((cosine(&lost, &lost) - 1.0).abs() < 1e-3);
}
