#![allow(clippy::unwrap_used, reason = "tests")]

use weir_tests::rng::Rng;

use super::{
    super::{
        hits::Hits,
        path::Paths,
        pointer::Trie,
        scan::{Document, Found, Scan},
        skeleton::Skeletons,
    },
    Templates,
};

/// Documents that are compared, each once as it was made and once damaged; `WEIR_DOCUMENTS` says otherwise.
fn documents() -> u64 {
    std::env::var("WEIR_DOCUMENTS").map_or(200_000, |many| many.parse().unwrap())
}

/// Documents of one shape, one after the other.
const IN_A_ROW: u64 = 40;

/// What a reader remembers.
#[derive(Default)]
struct Memory {
    skeletons: Skeletons,
    paths: Paths,
    hits: Hits,
}

impl Memory {
    /// What a document holds of the pointers' members; none where it is not valid.
    fn read(&mut self, trie: &Trie, document: &[u8]) -> Option<Vec<Found>> {
        let mut found = vec![Found::default(); trie.wants()];
        // What follows it would go on with it.
        let padded = [document, br#"1234567890","m1":1234567890}1234567890"]}1234567890"]}1234567890"]}"#].concat();
        let Self { skeletons, paths, hits } = self;
        let scratch = &mut Vec::new();
        let mut scan =
            Scan { trie, found: &mut found, scratch, skeletons, paths, hits, key_anchored: None, missing: 0 };
        scan.run(Document { padded: &padded, length: document.len() }).then_some(found)
    }
}

/// A member's value; of each kind and length, as many as there may be.
fn value(rng: &mut Rng, kind: u64, length: u64, text: &mut Vec<u8>) {
    let digit = |rng: &mut Rng, from: u64| b'0' + (from + rng.below(10 - from)) as u8;
    let digits = |rng: &mut Rng, text: &mut Vec<u8>, many: u64| {
        text.push(digit(rng, u64::from(many > 1)));
        (1..many).for_each(|_| text.push(digit(rng, 0)));
    };
    match kind {
        0..=3 => {
            text.push(b'"');
            (0..length).for_each(|_| text.push(rng.pick(b"abcz019 !#[]{}:,-/\x7F")));
            text.push(b'"');
        }
        4 => digits(rng, text, 1 + length % 12),
        5 => {
            text.extend_from_slice(if length.is_multiple_of(2) { b"-" } else { b"" });
            digits(rng, text, 1 + length % 3);
            text.push(b'.');
            (0..=length % 4).for_each(|_| text.push(digit(rng, 0)));
            text.extend_from_slice([&b""[..], b"e1", b"E+27", b"e-0"][length as usize % 4]);
        }
        6 => text.extend_from_slice([&b"true"[..], b"null", b"false"][length as usize % 3]),
        7 => text.extend_from_slice([&b"{}"[..], b"[]", b"[1,2]"][length as usize % 3]),
        _ => {
            text.extend_from_slice(if length.is_multiple_of(2) { b"{\"x\":" } else { b"[[" });
            value(rng, length % 7, length / 2, text);
            text.extend_from_slice(if length.is_multiple_of(2) { b"}" } else { b"]]" });
        }
    }
}

/// A document whose members have these kinds and lengths, but for one in 40 that is of another length.
fn document(rng: &mut Rng, shape: &[(u64, u64)]) -> Vec<u8> {
    let mut text = b"{".to_vec();
    for (number, (kind, length)) in shape.iter().enumerate() {
        if number > 0 {
            text.push(b',');
        }
        text.extend_from_slice(format!("\"m{number}\":").as_bytes());
        let length = if rng.below(40) == 0 { rng.below(20) } else { *length };
        value(rng, *kind, length, &mut text);
    }
    text.push(b'}');
    text
}

/// The same with one or two bytes changed, added or left out.
fn damaged(rng: &mut Rng, document: &[u8]) -> Vec<u8> {
    let mut text = document.to_vec();
    for _ in 0..=rng.below(2) {
        let at = rng.below(text.len() as u64) as usize;
        let byte = rng.pick(b"\"\\{}[],:0123.eE-+ tn\0\x1F\x7F\x80\xFF");
        match rng.below(4) {
            0 | 1 => text[at] = byte,
            2 => text.insert(at, byte),
            _ => drop(text.remove(at)),
        }
    }
    text
}

#[test]
fn what_passes_a_template_is_what_is_read_without_one() {
    let mut trie = Trie::default();
    for pointer in ["/m0", "/m1", "/m3/x", "/m4", "/m7", "/m9/0/0", "/m12"] {
        trie.insert(pointer).unwrap();
    }
    let mut many = trie.clone();
    for at in 0..60 {
        many.insert(&format!("/m{at}")).unwrap();
    }
    let (mut known, mut valid, mut broken) = (0, 0, 0);
    for seed in 0..documents() / IN_A_ROW {
        let mut rng = Rng::new(Rng::new(seed).next_u64());
        let most = if seed % 4 == 0 { 60 } else { 20 };
        let trie = if seed % 2 == 0 { &many } else { &trie };
        let shape: Vec<_> = (0..1 + rng.below(most)).map(|_| (rng.below(9), rng.below(20))).collect();
        let mut warm = Memory::default();
        for _ in 0..IN_A_ROW {
            let whole = document(&mut rng, &shape);
            for text in [damaged(&mut rng, &whole), whole] {
                let expected = Memory::default().read(trie, &text);
                *if expected.is_some() { &mut valid } else { &mut broken } += 1;
                assert_eq!(warm.read(trie, &text), expected, "seed {seed}: {}", text.escape_ascii());
            }
        }
        known +=
            u64::from(warm.skeletons.templates().iter().any(|templates| matches!(templates, Templates::Known(..))));
    }
    // Else nothing was compared.
    assert!(known > documents() / IN_A_ROW / 2, "{known} shapes had templates");
    assert!(valid > documents() && broken > documents() / 3, "{valid} valid documents, {broken} others");
}

#[test]
fn what_passes_templates_is_told_however_much_of_it_is_wanted() {
    for members in 1..=80_u64 {
        let names: Vec<String> = (0..members).map(|at| format!("n{at}")).collect();
        let object = |names: &mut dyn Iterator<Item = &String>| {
            let members: Vec<String> =
                names.zip(1..).map(|(name, value)| format!(r#""{name}":{}"#, value % 10)).collect();
            format!("{{{}}}", members.join(","))
        };
        let array = format!("[{}]", vec!["1"; members as usize].join(","));
        // The same two names again and again, of which the last counts.
        let repeated = object(&mut names.iter().take(2).cycle().take(members as usize));
        for document in [object(&mut names.iter()), array, repeated] {
            let mut trie = Trie::default();
            for (at, name) in names.iter().enumerate() {
                trie.insert(&format!("/{name}")).unwrap();
                trie.insert(&format!("/{at}")).unwrap();
            }
            let expected = Memory::default().read(&trie, document.as_bytes());
            assert!(expected.is_some(), "{document}");
            let mut warm = Memory::default();
            for _ in 0..30 {
                assert_eq!(warm.read(&trie, document.as_bytes()), expected, "{document}");
            }
        }
    }
}

#[test]
fn a_template_is_found_again_where_lengths_settle_on_others() {
    let trie = Trie::default();
    let mut memory = Memory::default();
    let document = |length: usize| format!(r#"{{"a":"{0}","b":12,"c":"{0}","d":true}}"#, "x".repeat(length));
    for length in [3, 5, 3, 5] {
        for _ in 0..20 {
            assert!(memory.read(&trie, document(length).as_bytes()).is_some());
        }
        let first = memory.skeletons.templates().iter().find_map(|templates| match templates {
            Templates::Known(template, _) => {
                Some(template.stands([document(length), "0".repeat(80)].concat().as_bytes()).is_some())
            }
            _ => None,
        });
        assert_eq!(first, Some(true), "{length}");
    }
}
