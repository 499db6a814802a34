//! Java itself.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// What Java finds in each text: none for no match, else each group's span or text.
pub(crate) type Found = Option<Vec<Option<String>>>;

/// Asks Java about patterns, each with its texts; none for a pattern that Java refuses.
pub(crate) fn ask(questions: &[(String, Vec<Vec<u8>>)], mode: &str) -> Vec<Option<Vec<Found>>> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/Patterns.java");
    let mut java = Command::new("java");
    java.args(["-Xss8m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]).arg(program).arg(mode);
    let child = java.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("java, which the tests need (JDK 17 or newer)");
    let mut lines = String::new();
    for (pattern, texts) in questions {
        lines += &STANDARD.encode(pattern);
        for text in texts {
            lines.push(' ');
            lines += &STANDARD.encode(text);
        }
        lines.push('\n');
    }
    let mut stdin = child.stdin.take().expect("its input");
    let writer = thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("its output");
    writer.join().expect("no panic").expect("it reads all");
    assert!(output.status.success(), "java fails");
    let answers = String::from_utf8(output.stdout).expect("ASCII");
    let answers: Vec<_> = answers.lines().map(answer).collect();
    assert_eq!(answers.len(), questions.len(), "an answer for each");
    answers
}

fn answer(line: &str) -> Option<Vec<Found>> {
    let group = |text: &str| (text != "-").then(|| text.to_owned());
    let found = |text: &str| (text != "none").then(|| text.split(',').map(group).collect());
    (line != "invalid").then(|| line.split(' ').map(found).collect())
}
