//! Text as PDF 1.4 (ISO 32000-1): pages of A4 with headings and paragraphs, in the two Helveticas that every reader has.
//!
//! No more than a report needs: no pictures, no compression, no fonts of our own. The same text gives the same bytes. What
//! WinAnsi (Windows code page 1252) has no sign for is written as a question mark.

/// A4, in points of 1/72 inch.
const PAGE: (f32, f32) = (595.0, 842.0);
/// Space on every side.
const MARGIN: f32 = 56.0;

/// Widths of the signs 32 to 126 in Helvetica, in thousandths of the size (Adobe's font metrics).
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
/// What any other sign is taken for: as wide as the widest small letter but one.
const OTHER_WIDTH: u16 = 722;
/// Bold is wider than that by a tenth at most.
const BOLD: f32 = 1.1;

/// How a line is set.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Style {
    font: &'static str,
    size: f32,
    before: f32,
    indent: f32,
}

const TITLE: Style = Style { font: "F2", size: 18.0, before: 0.0, indent: 0.0 };
const HEADING: Style = Style { font: "F2", size: 12.0, before: 14.0, indent: 0.0 };
const TEXT: Style = Style { font: "F1", size: 10.0, before: 2.0, indent: 0.0 };
/// The lines of a paragraph after its first.
const REST: Style = Style { font: "F1", size: 10.0, before: 0.0, indent: 12.0 };

/// A document that is being written.
#[derive(Debug)]
pub(crate) struct Pdf {
    title: String,
    /// What each page shows.
    pages: Vec<String>,
    /// How far from the bottom the last line is.
    height: f32,
}

impl Pdf {
    /// With its title on the first page.
    pub(crate) fn new(title: &str) -> Self {
        let mut pdf = Self { title: title.to_owned(), pages: vec![String::new()], height: PAGE.1 - MARGIN };
        pdf.paragraph(TITLE, TITLE, title);
        pdf
    }

    /// Begins a part.
    pub(crate) fn heading(&mut self, text: &str) {
        // No heading alone at the foot of a page.
        if self.height - 4.0 * HEADING.size < MARGIN {
            self.turn_page();
        }
        self.paragraph(HEADING, HEADING, text);
    }

    /// A paragraph.
    pub(crate) fn text(&mut self, text: &str) {
        self.paragraph(TEXT, REST, text);
    }

    /// The whole document.
    pub(crate) fn finish(self) -> Vec<u8> {
        let pages = self.pages.len();
        let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 6 + 2 * page)).collect();
        let mut objects = vec![
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")),
            font("Helvetica"),
            font("Helvetica-Bold"),
            format!("<< /Title {} /Producer (Centrale) >>", text_string(&self.title)),
        ];
        let (wide, high) = PAGE;
        for (page, content) in self.pages.iter().enumerate() {
            objects.push(format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} {high}] /Contents {} 0 R \
                 /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>",
                7 + 2 * page
            ));
            objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
        }
        assemble(&objects)
    }

    fn paragraph(&mut self, first: Style, rest: Style, text: &str) {
        let mut style = first;
        for line in wrapped(text, first.size, PAGE.0 - 2.0 * MARGIN - rest.indent, first.font == "F2") {
            self.line(style, &line);
            style = rest;
        }
    }

    fn line(&mut self, style: Style, line: &str) {
        let step = style.before + 1.35 * style.size;
        if self.height - step < MARGIN {
            self.turn_page();
        }
        self.height -= step;
        let (left, height) = (MARGIN + style.indent, self.height);
        let shown =
            format!("BT /{} {} Tf {left} {height:.2} Td <{}> Tj ET\n", style.font, style.size, hexadecimal(line));
        if let Some(page) = self.pages.last_mut() {
            page.push_str(&shown);
        }
    }

    fn turn_page(&mut self) {
        self.pages.push(String::new());
        self.height = PAGE.1 - MARGIN;
    }
}

fn font(name: &str) -> String {
    format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
}

/// The file: what it is, the objects, where each begins, and where to begin reading. All of it ASCII.
fn assemble(objects: &[String]) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut file = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        // Writing into a string does not fail.
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let (table, size) = (file.len(), objects.len() + 1);
    let _ = write!(file, "xref\n0 {size}\n0000000000 65535 f \n");
    for place in places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(file, "trailer\n<< /Size {size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{table}\n%%EOF\n");
    file.into_bytes()
}

/// Lines that are no wider than `most` points, broken between words, and within one that is wider alone.
fn wrapped(text: &str, size: f32, most: f32, bold: bool) -> Vec<String> {
    let factor = size / 1_000.0 * if bold { BOLD } else { 1.0 };
    let width = |text: &str| text.chars().map(|sign| f32::from(width_of(sign))).sum::<f32>() * factor;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = word;
        loop {
            let line = lines.last_mut().expect("there is always a line");
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if width(&joined) <= most {
                *line = joined;
                break;
            }
            if line.is_empty() {
                let fits =
                    word.char_indices().skip(1).take_while(|(at, sign)| width(&word[..*at + sign.len_utf8()]) <= most);
                let cut = fits
                    .last()
                    .map_or_else(|| word.chars().next().map_or(0, char::len_utf8), |(at, sign)| at + sign.len_utf8());
                line.push_str(&word[..cut]);
                word = &word[cut..];
                if word.is_empty() {
                    break;
                }
            }
            lines.push(String::new());
        }
    }
    lines
}

fn width_of(sign: char) -> u16 {
    let index = u32::from(sign).checked_sub(32).and_then(|index| usize::try_from(index).ok());
    index.and_then(|index| WIDTHS.get(index)).copied().unwrap_or(OTHER_WIDTH)
}

/// A text in WinAnsi, as the hexadecimal string of an operator.
pub(crate) fn hexadecimal(text: &str) -> String {
    text.chars().map(|sign| format!("{:02X}", in_win_ansi(sign))).collect()
}

fn in_win_ansi(sign: char) -> u8 {
    match sign {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(sign)).unwrap_or(b'?'),
        '€' => 0x80,
        '…' => 0x85,
        'Œ' => 0x8c,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '–' => 0x96,
        '—' => 0x97,
        'œ' => 0x9c,
        '\u{202f}' => 0xa0,
        _ => b'?',
    }
}

/// A text outside of pages: UTF-16 with its mark (7.9.2.2).
fn text_string(text: &str) -> String {
    let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<FEFF{units}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_stands_where_the_table_says_and_a_long_text_is_several_pages() {
        let mut pdf = Pdf::new("Rapport");
        for number in 0..300 {
            pdf.heading(&format!("Part {number}"));
            pdf.text("Somebody tried to guess a password.");
        }
        let pages = pdf.pages.len();
        assert!(pages > 10, "{pages}");
        let file = String::from_utf8(pdf.finish()).unwrap();
        let begin = file.rfind("startxref\n").unwrap() + "startxref\n".len();
        let table: usize = file[begin..].lines().next().unwrap().parse().unwrap();
        assert!(file[table..].starts_with("xref\n"));
        let entries = file[table..].lines().skip(3).take_while(|line| line.ends_with(" n "));
        for (number, entry) in entries.enumerate() {
            let place: usize = entry[..10].parse().unwrap();
            assert!(file[place..].starts_with(&format!("{} 0 obj\n", number + 1)), "{entry}");
        }
        assert!(file.contains(&format!("/Count {pages} ")));
        assert!(file.is_ascii() && file.ends_with("%%EOF\n"));
    }

    #[test]
    fn lines_are_broken_between_words_and_a_word_that_is_too_long_within() {
        assert_eq!(wrapped("one two three", 10.0, 40.0, false), ["one two", "three"]);
        let broken = wrapped(&"x".repeat(100), 10.0, 100.0, false);
        assert_eq!(broken.concat().len(), 100);
        assert_eq!(broken[0].len(), 20);
        assert_eq!(wrapped("", 10.0, 100.0, false), [""]);
        assert_eq!(wrapped("éé", 10.0, 1.0, false).concat(), "éé", "not even one fits, and none is lost");
    }

    #[test]
    fn what_has_no_sign_is_a_question_mark_and_nothing_of_a_text_is_an_operator() {
        assert_eq!(hexadecimal("é€)\u{1f4de}"), "E980293F");
        let mut pdf = Pdf::new(") >> endobj");
        pdf.text("(\\) Tj ET endstream");
        let file = String::from_utf8(pdf.finish()).unwrap();
        assert_eq!(file.matches("endstream").count(), 1);
    }
}
