//! Numbers: nothing is rounded that is not calculated with.

use super::*;

#[test]
fn numbers_keep_their_text() {
    for number in
        ["18446744073709551615", "-9223372036854775809", "1e1000", "0.1", "1.0", "1.50", "-0", "-0.0", "1E5", "0e0"]
    {
        check(".", number, &[number]);
        check(".a[0]", &format!("{{\"a\":[{number}]}}"), &[number]);
    }
    let long = "9".repeat(5000);
    check(".", &long, &[&long]);
}

#[test]
fn integers_are_exact_and_others_are_doubles() {
    check(". + 1", "18446744073709551615", &["18446744073709551616"]);
    check(". * .", "4294967296", &["18446744073709551616"]);
    check(". - 1", "-2147483648", &["-2147483649"]);
    check("-.", "-9223372036854775808", &["9223372036854775808"]);
    check(". + 0", "0.1", &["0.1"]);
    check(". + 1", "1.0", &["2.0"]);
    check("1 / 2, 6 / 2, 7 % 3, -7 % 3", "0", &["0.5", "3.0", "1", "-1"]);
    check("floor, ceil, round", "-1.5", &["-2", "-1", "-2"]);
    check(". == 1, . < 1.5, ([., 2, 0.5] | sort)", "1.0", &["true", "true", "[0.5,1.0,2]"]);
    check("length", "-2147483648", &["2147483648"]);
    check(".[1], .[-1], .[1.0]?", "[1,2]", &["2", "2"]);
    check("pow(.; 10), sqrt, (1 | exp | log)", "2", &["1024.0", "1.4142135623730951", "1.0"]);
    check("tonumber", "\"12.50\"", &["12.50"]);
    check("map(tonumber)", "[\"+1.5\",\"007\",\".5\",\"-00.50\",\" 1e3 \",\"0\",2]", &["[1.5,7,0.5,-0.50,1e3,0,2]"]);
    for wrong in ["", "1 2", "12abc", "2024-01-02", "e5", ".", "1.", "+", "0x1", "NaN", "--1", "true", "1#"] {
        let value = serde_json::to_string(wrong).unwrap();
        check_dead("tonumber", &value, &format!("cannot parse {value} as a number"));
        check(".a = (.b | tonumber? // 0)", &format!("{{\"b\":{value}}}"), &[&format!("{{\"b\":{value},\"a\":0}}")]);
    }
    check_dead("-(.[] | tonumber) | nan", "[\"+1.5\"]", "an output has the number NaN, which JSON has not");
    check("-(.[] | tonumber) | floor", "[\"+1.5\"]", &["-2"]);
    check("map(toboolean)", "[\"true\",false]", &["[true,false]"]);
    check("map(nearbyint)", "[2.5,3.5,-0.5]", &["[2.0,4.0,-0.0]"]);
    check_dead(". * 10", "1e308", "an output has the number Infinity, which JSON has not");
    check_dead("nan", "1", "an output has the number NaN, which JSON has not");
    check_dead("1 % 0", "1", "cannot calculate 1 % 0");
}
