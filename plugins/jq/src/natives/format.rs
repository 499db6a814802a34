//! What the formats `@html`, `@uri` and `@base64` call.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jaq_core::native::{Fun, bome, run, v};
use jaq_json::{Error, Val};

use super::Data;

/// The padding may be left out of what is read, as it often is.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is escaped, and how; the last one is only read.
const HTML: [(&str, &str); 6] =
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("\"", "&quot;"), ("'", "&apos;")];

pub(super) fn functions() -> Vec<Fun<Data>> {
    vec![
        run(("escape_html", v(0), |cv| bome(map(&cv.1, escape_html)))),
        run(("unescape_html", v(0), |cv| bome(map(&cv.1, unescape_html)))),
        run(("encode_uri", v(0), |cv| bome(map(&cv.1, encode_uri)))),
        run(("decode_uri", v(0), |cv| bome(map(&cv.1, decode_uri)))),
        run(("encode_base64", v(0), |cv| bome(map(&cv.1, |text| BASE64.encode(text).into_bytes())))),
        run(("decode_base64", v(0), |cv| {
            let decoded = cv.1.try_as_utf8_bytes_owned().and_then(|text| BASE64.decode(&text).map_err(Error::str));
            bome(decoded.map(Val::utf8_str))
        })),
    ]
}

fn map(value: &Val, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<Val, Error> {
    Ok(Val::utf8_str(change(&value.try_as_utf8_bytes_owned()?)))
}

fn escape_html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match HTML.iter().find(|(plain, _)| plain.as_bytes() == [*byte]) {
            Some((_, escaped)) => out.extend_from_slice(escaped.as_bytes()),
            None => out.push(*byte),
        }
    }
    out
}

fn unescape_html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        let found = HTML.iter().find_map(|(plain, escaped)| Some((plain, rest.strip_prefix(escaped.as_bytes())?)));
        match found {
            Some((plain, after)) => {
                out.extend_from_slice(plain.as_bytes());
                rest = after;
            }
            None => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

fn encode_uri(text: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

fn decode_uri(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |at: usize| rest.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (byte, digit(1), digit(2)) {
            out.push((high * 16 + low) as u8);
            rest = rest.get(3..).unwrap_or_default();
        } else {
            out.push(byte);
            rest = after;
        }
    }
    out
}
