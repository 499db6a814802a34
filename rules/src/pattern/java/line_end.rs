//! `$`, which stands before a last line end without taking it. Linear-time matching cannot look ahead, so the line end is
//! taken, outside of all groups.

use super::node::{GroupKind, Node};

/// In the regex crate's syntax: `(?Rm:$)` is a place that has no `\r\n` around it and a line end or nothing behind it.
pub(super) const FINAL_END: &str = r"(?:(?Rm:$)(?:\r\n|[\n\r])?|[\x{85}\x{2028}\x{2029}])\z";
pub(super) const FINAL_UNIX_END: &str = r"\n?\z";

pub(super) fn has_final_end(node: &Node) -> bool {
    node.any(&mut |node| matches!(node, Node::FinalEnd { .. }))
}

/// Moves each `$` that ends a capture behind it.
pub(super) fn hoist(node: Node) -> Node {
    let map = |nodes: Vec<Node>| nodes.into_iter().map(hoist).collect::<Vec<_>>();
    match node {
        Node::Group { kind: GroupKind::Capture(name), inner, at } => {
            let inner = hoist(*inner);
            let end = ending(&inner);
            let is_ended = end.is_some();
            let inner = Box::new(if is_ended { without_end(inner) } else { inner });
            let group = Node::Group { kind: GroupKind::Capture(name), inner, at: at.clone() };
            match end {
                Some(end) => {
                    Node::Group { kind: GroupKind::Plain, inner: Box::new(Node::Concat(vec![group, end])), at }
                }
                None => group,
            }
        }
        Node::Group { kind, inner, at } => Node::Group { kind, inner: Box::new(hoist(*inner)), at },
        Node::Repeat { inner, min, max, mode, at } => {
            Node::Repeat { inner: Box::new(hoist(*inner)), min, max, mode, at }
        }
        Node::Concat(parts) => Node::Concat(map(parts)),
        Node::Alternation(branches) => Node::Alternation(map(branches)),
        other => other,
    }
}

/// The `$` that ends a piece whichever way it matches.
fn ending(node: &Node) -> Option<Node> {
    match node {
        Node::FinalEnd { .. } => Some(node.clone()),
        Node::Concat(parts) => ending(parts.last()?),
        Node::Alternation(branches) => {
            let is_unix = |end: &Node| matches!(end, Node::FinalEnd { unix: true, .. });
            let ends: Vec<Node> = branches.iter().map(ending).collect::<Option<_>>()?;
            let is_same = ends.windows(2).all(|pair| is_unix(&pair[0]) == is_unix(&pair[1]));
            ends.into_iter().next().filter(|_| is_same)
        }
        Node::Group { kind: GroupKind::Plain | GroupKind::Capture(_), inner, .. } => ending(inner),
        _ => None,
    }
}

fn without_end(node: Node) -> Node {
    match node {
        Node::FinalEnd { .. } => Node::Empty,
        Node::Concat(mut parts) => {
            let last = parts.pop().map(without_end);
            parts.extend(last);
            Node::Concat(parts)
        }
        Node::Alternation(branches) => Node::Alternation(branches.into_iter().map(without_end).collect()),
        Node::Group { kind, inner, at } => Node::Group { kind, inner: Box::new(without_end(*inner)), at },
        other => other,
    }
}
