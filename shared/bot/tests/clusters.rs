//! How well questions that ask the same come together.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "shop_files/mod.rs"]
mod shop_files;

use bot::understand::clusters;

/// F1 over pairs, in each language. Likeness alone has 0.67 in Chinese and 0.53 in English.
const LEAST: f64 = 0.8;

/// The pairs of questions that are together, of those that ask the same, and of those that do not.
#[derive(Debug, Default)]
struct Pairs {
    right: u32,
    missed: u32,
    wrong: u32,
}

impl Pairs {
    fn f1(&self) -> f64 {
        let right = 2.0 * f64::from(self.right);
        right / (right + f64::from(self.missed + self.wrong))
    }
}

#[test]
fn what_asks_the_same_comes_together() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clusters.txt")).unwrap();
    let base = shop_files::knowledge();
    let known: Vec<&str> =
        base.entries.iter().flat_map(|e| e.questions.values()).flatten().map(String::as_str).collect();
    let blocks: Vec<Vec<&str>> =
        text.split("\n\n").map(|block| block.lines().filter(|line| !line.starts_with('#')).collect()).collect();
    let asked: Vec<(usize, &str)> =
        blocks.iter().enumerate().flat_map(|(of, block)| block.iter().map(move |line| (of, *line))).collect();
    let texts: Vec<&str> = asked.iter().map(|(_, line)| *line).collect();
    let mut cluster_of = vec![0; texts.len()];
    for (number, cluster) in clusters(&texts, &known).iter().enumerate() {
        for at in cluster {
            cluster_of[*at] = number;
        }
    }
    let mut found = [Pairs::default(), Pairs::default()];
    for (one, (of, text)) in asked.iter().enumerate() {
        for (other, (theirs, _)) in asked.iter().enumerate().take(one) {
            let pairs = &mut found[usize::from(text.is_ascii())];
            match (of == theirs, cluster_of[one] == cluster_of[other]) {
                (true, true) => pairs.right += 1,
                (true, false) => pairs.missed += 1,
                (false, true) => pairs.wrong += 1,
                (false, false) => {}
            }
        }
    }
    for (language, pairs) in ["zh", "en"].iter().zip(&found) {
        println!("{language}: {pairs:?} F1 {:.3}", pairs.f1());
        assert!(pairs.f1() >= LEAST, "{language}: {pairs:?}");
    }
}
