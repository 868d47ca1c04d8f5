//! A bounded run of the fuzz targets' bodies on every channel; `PROPTEST_CASES` says how many inputs of each kind.

use conformance::{FIXTURES, fuzz};

#[test]
fn nothing_breaks_whatever_comes() {
    for fixture in FIXTURES {
        match fuzz::smoke(*fixture) {
            Ok(runs) => println!("{}: {runs} runs", fixture.name()),
            Err(fault) => panic!("{}: {fault}", fixture.name()),
        }
    }
}

#[test]
fn the_targets_take_anything() {
    for data in [&b""[..], b"\x00", b"{}", b"\x01a\nb\nc", b"{\"requestContext\":{},\"body\":\"{}\"}", &[0xff; 99]] {
        fuzz::request(data);
        fuzz::forgery(data);
        fuzz::reply(data);
    }
}
