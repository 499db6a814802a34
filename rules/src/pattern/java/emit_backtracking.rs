//! Writes a pattern for `fancy-regex`, whose searches go back: all of Java's places can be said by look-around.

use super::{
    super::refusal::Refusal,
    emit::{check_rounds, counts},
    escape::VERTICAL,
    node::{GroupKind, Mode, Node},
};

pub(super) fn emit(pattern: &str, tree: &Node) -> Result<String, Refusal> {
    let mut text = String::new();
    write(pattern, tree, &mut text)?;
    Ok(text)
}

const FINAL_END: &str = r"(?=(?:\r\n|(?<!\r)\n|[\r\x{85}\x{2028}\x{2029}])?\z)";
const LINE_END: &str = r"(?=(?<!\r)\n|[\r\x{85}\x{2028}\x{2029}]|\z)";
const LINE_START: &str = r"(?:\A|(?<=[\n\x{85}\x{2028}\x{2029}])|(?<=\r)(?!\n))(?!\z)";

fn write(pattern: &str, node: &Node, text: &mut String) -> Result<(), Refusal> {
    match node {
        Node::Empty => {}
        Node::Set(set) => text.push_str(set),
        Node::AnyLineEnd => text.push_str(&format!(r"(?:\r\n|[{VERTICAL}])")),
        Node::Start => text.push_str(r"\A"),
        Node::End => text.push_str(r"\z"),
        Node::FinalEnd { unix, .. } => text.push_str(if *unix { r"(?=\n?\z)" } else { FINAL_END }),
        Node::LineEnd { unix } => text.push_str(if *unix { r"(?=\n|\z)" } else { LINE_END }),
        Node::LineStart { unix } => text.push_str(if *unix { r"(?:\A|(?<=\n))(?!\z)" } else { LINE_START }),
        Node::Boundary { negated } => text.push_str(if *negated { r"\B" } else { r"\b" }),
        Node::BackReference(group) => text.push_str(&format!(r"(?:\{group})")),
        Node::LookAround { ahead, negated, inner } => {
            let opening = match (ahead, negated) {
                (true, false) => "(?=",
                (true, true) => "(?!",
                (false, false) => "(?<=",
                (false, true) => "(?<!",
            };
            enclosed(pattern, opening, inner, text)?;
        }
        Node::Group { kind, inner, .. } => match kind {
            GroupKind::Capture(None) => enclosed(pattern, "(", inner, text)?,
            GroupKind::Capture(Some(name)) => enclosed(pattern, &format!("(?<{name}>"), inner, text)?,
            GroupKind::Plain => enclosed(pattern, "(?:", inner, text)?,
            GroupKind::Atomic => enclosed(pattern, "(?>", inner, text)?,
        },
        Node::Concat(parts) => parts.iter().try_for_each(|part| write(pattern, part, text))?,
        Node::Alternation(branches) => {
            for (at, branch) in branches.iter().enumerate() {
                text.push_str(if at > 0 { "|" } else { "" });
                write(pattern, branch, text)?;
            }
        }
        Node::Repeat { inner, min, max, mode, .. } => {
            check_rounds(pattern, node)?;
            text.push_str(if *mode == Mode::Possessive { "(?>" } else { "" });
            match **inner {
                // Its rounds take `\r\n` as one.
                Node::AnyLineEnd => text.push_str(&format!(r"(?>\r\n|[{VERTICAL}])")),
                _ => write(pattern, inner, text)?,
            }
            text.push_str(&counts(*min, *max));
            text.push_str(match mode {
                Mode::Greedy => "",
                Mode::Lazy => "?",
                Mode::Possessive => ")",
            });
        }
    }
    Ok(())
}

fn enclosed(pattern: &str, opening: &str, inner: &Node, text: &mut String) -> Result<(), Refusal> {
    text.push_str(opening);
    write(pattern, inner, text)?;
    text.push(')');
    Ok(())
}
