#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{Scale, big_endian, milliseconds, unnamed_big_endian};

fn auto(text: &str) -> Option<i64> {
    milliseconds(text.as_bytes(), Scale::Auto)
}

#[test]
fn auto_tells_the_unit_by_the_size_on_both_sides_of_each_threshold() {
    assert_eq!(auto("1700000000"), Some(1_700_000_000_000));
    assert_eq!(auto("1700000000123"), Some(1_700_000_000_123));
    assert_eq!(auto("1700000000123456"), Some(1_700_000_000_123));
    assert_eq!(auto("1700000000123456789"), Some(1_700_000_000_123));
    assert_eq!(auto("99999999999"), Some(99_999_999_999_000));
    assert_eq!(auto("100000000000"), Some(100_000_000_000));
    assert_eq!(auto("99999999999999"), Some(99_999_999_999_999));
    assert_eq!(auto("100000000000000"), Some(100_000_000_000));
    assert_eq!(auto("99999999999999999"), Some(99_999_999_999_999));
    assert_eq!(auto("100000000000000000"), Some(100_000_000_000));
    assert_eq!(auto("-99999999999"), Some(-99_999_999_999_000));
    assert_eq!(auto("-100000000000"), Some(-100_000_000_000));
}

#[test]
fn a_byte_that_is_no_digit_is_found_wherever_it_stands() {
    for length in 1..=18 {
        for at in 0..length {
            for byte in 0..=u8::MAX {
                let mut text = vec![b'7'; length];
                text[at] = byte;
                let simply = text.iter().try_fold(0_i64, |number, &byte| {
                    byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
                });
                assert_eq!(super::whole(&text), simply, "{length} {at} {byte}");
                let usual = simply.filter(|ms| length == 13 && ms.to_string().as_bytes() == text);
                assert_eq!(super::thirteen_digits(&text), usual, "{length} {at} {byte}");
            }
        }
    }
}

#[test]
fn leading_zeros_and_fractions_do_not_change_the_unit() {
    assert_eq!(auto("0001700000000"), Some(1_700_000_000_000));
    assert_eq!(auto("1700000000.123"), Some(1_700_000_000_123));
    assert_eq!(auto("1700000000.1239999999999"), Some(1_700_000_000_123));
    assert_eq!(auto("99999999999.999"), Some(99_999_999_999_999));
    assert_eq!(auto("1.7E9"), Some(1_700_000_000_000));
    assert_eq!(auto("1.700000000123E12"), Some(1_700_000_000_123));
    assert_eq!(auto("17000000000000e-4"), Some(1_700_000_000_000));
    assert_eq!(auto("0"), Some(0));
    assert_eq!(auto("-0.0"), Some(0));
    assert_eq!(auto("0e9999"), Some(0));
    assert_eq!(auto("0e99999"), Some(0));
    assert_eq!(auto("0e-99999999999999999999"), Some(0));
    assert_eq!(auto("1e-99999"), Some(0));
    assert_eq!(auto("-1e-99999"), Some(-1));
    assert_eq!(auto(".5"), Some(500));
    assert_eq!(auto("1700000000."), Some(1_700_000_000_000));
    assert_eq!(auto("+.17E10"), Some(1_700_000_000_000));
}

#[test]
fn what_is_below_a_millisecond_is_rounded_towards_the_past() {
    let us = |text: &str| milliseconds(text.as_bytes(), Scale::Microseconds);
    assert_eq!(us("1999"), Some(1));
    assert_eq!(us("-1"), Some(-1));
    assert_eq!(us("-1000"), Some(-1));
    assert_eq!(us("-1001"), Some(-2));
    let ns = |text: &str| milliseconds(text.as_bytes(), Scale::Nanoseconds);
    assert_eq!(ns("999999"), Some(0));
    assert_eq!(ns("-999999"), Some(-1));
    assert_eq!(milliseconds(b"-0.0001", Scale::Seconds), Some(-1));
    assert_eq!(milliseconds(b"1.9", Scale::Milliseconds), Some(1));
}

#[test]
fn the_edges_of_64_bits_are_kept_and_what_is_beyond_is_unreadable() {
    let ms = |text: &str| milliseconds(text.as_bytes(), Scale::Milliseconds);
    assert_eq!(ms("9223372036854775807"), Some(i64::MAX));
    assert_eq!(ms("9223372036854775808"), None);
    assert_eq!(ms("-9223372036854775808"), Some(i64::MIN));
    assert_eq!(ms("-9223372036854775809"), None);
    assert_eq!(ms("-9223372036854775808.5"), None);
    let seconds = |text: &str| milliseconds(text.as_bytes(), Scale::Seconds);
    assert_eq!(seconds("9223372036854775.807"), Some(i64::MAX));
    assert_eq!(seconds("9223372036854775.808"), None);
    assert_eq!(seconds("9223372036854775807"), None);
    assert_eq!(auto("1e9999"), None);
    assert_eq!(auto(&"9".repeat(100_000)), None);
    assert_eq!(auto(&format!("0.{}1", "0".repeat(100_000))), Some(0));
}

#[test]
fn what_is_no_number_is_unreadable() {
    for text in [
        "",
        "-",
        "+",
        ".",
        "-.",
        ".e1",
        "1 2",
        "0x10",
        "1e",
        "1e+",
        "1e99999",
        "1e99999999999999999999",
        "1.2.3",
        "1,5",
        "NaN",
        "inf",
        "true",
        "null",
        "--1",
        "+-1",
        "1_000",
        "١",
        "1e5.0",
    ] {
        assert_eq!(auto(text), None, "{text}");
    }
    assert_eq!(milliseconds(b"\xff", Scale::Auto), None);
}

#[test]
fn days_are_exact_with_any_fraction() {
    let days = |text: &str| milliseconds(text.as_bytes(), Scale::Days);
    assert_eq!(days("18088"), Some(1_562_803_200_000));
    assert_eq!(days("18088.0"), Some(1_562_803_200_000));
    assert_eq!(days("18088.5"), Some(1_562_846_400_000));
    assert_eq!(days("1.8088e4"), Some(1_562_803_200_000));
    assert_eq!(days("0.00000001157407407"), Some(0));
    assert_eq!(days("0.00000001157407408"), Some(1));
    assert_eq!(days("18088.99999999999999999999"), Some(1_562_889_599_999));
    assert_eq!(days("-0.5"), Some(-43_200_000));
    assert_eq!(days("0.0"), Some(0));
    assert_eq!(days("9999999999999999"), None);
    assert_eq!(days("106751991168"), None);
}

#[test]
fn bytes_are_read_with_the_highest_first() {
    let now = 1_700_000_000_123_i64;
    assert_eq!(big_endian(&now.to_be_bytes(), Scale::Milliseconds), Some(now));
    assert_eq!(big_endian(&1_700_000_000_i32.to_be_bytes(), Scale::Seconds), Some(1_700_000_000_000));
    assert_eq!(big_endian(&(-1_i64).to_be_bytes(), Scale::Microseconds), Some(-1));
    assert_eq!(big_endian(&(-1_i32).to_be_bytes(), Scale::Seconds), Some(-1_000));
    assert_eq!(big_endian(b"junk", Scale::Milliseconds), None);
    assert_eq!(big_endian(b"12:34:56", Scale::Milliseconds), None);
    assert_eq!(big_endian(b"12:34:56", Scale::Microseconds), None);
    assert_eq!(big_endian(&253_402_300_799_i64.to_be_bytes(), Scale::Seconds), Some(253_402_300_799_000));
    assert_eq!(big_endian(&253_402_300_800_i64.to_be_bytes(), Scale::Seconds), None);
    for bytes in [&b""[..], b"123", b"12345", b"123456789"] {
        assert_eq!(big_endian(bytes, Scale::Milliseconds), None);
    }
}

#[test]
fn eight_bytes_that_are_no_text_are_a_count_without_being_named_one() {
    for (count, expected) in [
        (1_700_000_000, 1_700_000_000_000),
        (1_700_000_000_123, 1_700_000_000_123),
        (1_700_000_000_123_456, 1_700_000_000_123),
        (1_700_000_000_123_456_789, 1_700_000_000_123),
    ] {
        assert_eq!(unnamed_big_endian(&i64::to_be_bytes(count)), Some(expected));
    }
    for text in [b"tomorrow", b"\tmorning", b"        ", b"\xff\xff\xff\xff\xff\xff\xff\xff", b"17000000"] {
        assert_eq!(unnamed_big_endian(text), None);
    }
    assert_eq!(unnamed_big_endian(&1_700_000_000_i32.to_be_bytes()), None);
}
