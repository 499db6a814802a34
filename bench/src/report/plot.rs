//! Bars as SVG, written by hand: a few rectangles and texts need no library.

use std::fmt::{self, Write};

use super::{Measure, number};

const WIDTH: f64 = 820.0;
const LABELS: f64 = 300.0;
const VALUES: f64 = 110.0;
const ROW: f64 = 26.0;
const TOP: f64 = 64.0;

/// Horizontal bars of one unit, with a whisker from the first to the third quartile.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// Its file's name, without `.svg`.
    pub(super) file: String,
    pub(super) title: String,
    /// Label and figure, from top to bottom; never empty.
    pub(super) rows: Vec<(String, Measure)>,
}

impl Plot {
    /// The picture.
    pub(super) fn svg(&self) -> String {
        let mut svg = String::new();
        // Writing into a string does not fail.
        let _ = self.draw(&mut svg);
        svg
    }

    fn draw(&self, svg: &mut String) -> fmt::Result {
        let height = TOP + ROW * self.rows.len() as f64 + 16.0;
        let most = self.rows.iter().map(|(_, measure)| measure.high.max(measure.median)).fold(0.0, f64::max);
        let unit = self.rows.first().map_or("", |(_, measure)| measure.unit.text());
        let length = |value: f64| if most > 0.0 { value / most * (WIDTH - LABELS - VALUES) } else { 0.0 };
        writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">"#
        )?;
        writeln!(svg, r##"<rect width="{WIDTH}" height="{height}" fill="#fff"/>"##)?;
        writeln!(svg, r##"<text x="16" y="26" font-size="16" fill="#111">{}</text>"##, escaped(&self.title))?;
        writeln!(
            svg,
            r##"<text x="16" y="46" fill="#666">{}: median, and the quartiles as a line</text>"##,
            escaped(unit)
        )?;
        for (at, (label, measure)) in self.rows.iter().enumerate() {
            let y = TOP + ROW * at as f64;
            let (low, high) = (LABELS + length(measure.low), LABELS + length(measure.high));
            let (middle, text) = (y + 9.0, y + 13.5);
            writeln!(
                svg,
                r##"<text x="{}" y="{text}" text-anchor="end" fill="#111">{}</text>"##,
                LABELS - 8.0,
                escaped(label)
            )?;
            writeln!(
                svg,
                r##"<rect x="{LABELS}" y="{y}" width="{:.1}" height="18" fill="#4a90c2"/>"##,
                length(measure.median)
            )?;
            writeln!(
                svg,
                r##"<line x1="{low:.1}" y1="{middle}" x2="{high:.1}" y2="{middle}" stroke="#123" stroke-width="2"/>"##
            )?;
            let end = high.max(LABELS + length(measure.median)) + 8.0;
            writeln!(svg, r##"<text x="{end:.1}" y="{text}" fill="#111">{}</text>"##, number(measure.median))?;
        }
        writeln!(svg, "</svg>")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
