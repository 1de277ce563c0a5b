//! Comma-separated values (RFC 4180): read as people's programs write them, with another separator, in an older alphabet; and
//! written so that no spreadsheet takes a cell for a formula.

use std::borrow::Cow;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// As RFC 4180 has it.
    Comma,
    /// As spreadsheets want it where the comma is in numbers: Dutch and French ones.
    Semicolon,
    /// What is copied out of a spreadsheet.
    Tab,
}

impl Separator {
    /// Each, in the order in which a file is tried with it.
    pub const ALL: [Self; 3] = [Self::Semicolon, Self::Comma, Self::Tab];

    /// The sign.
    pub const fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }
}

/// A file's text without its byte order mark; `None` when it is no text. What is not UTF-8 is what older sheets write:
/// Windows-1252, a byte a letter, of which only the euro sign is elsewhere than in Latin-1 and matters here.
pub fn text_of(file: &[u8]) -> Option<Cow<'_, str>> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    if file.contains(&0) {
        return None;
    }
    Some(match std::str::from_utf8(file) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(file.iter().map(|byte| if *byte == 0x80 { '€' } else { char::from(*byte) }).collect()),
    })
}

/// A letter or digit of a column's name without what differs between two ways of writing it, capitals and accents;
/// `None` for any other sign.
pub fn plain(sign: char) -> Option<char> {
    match sign.to_lowercase().next()? {
        'à' | 'â' | 'ä' | 'á' => Some('a'),
        'é' | 'è' | 'ê' | 'ë' => Some('e'),
        'î' | 'ï' | 'í' => Some('i'),
        'ô' | 'ö' | 'ó' => Some('o'),
        'û' | 'ü' | 'ù' | 'ú' => Some('u'),
        'ç' => Some('c'),
        letter => letter.is_alphanumeric().then_some(letter),
    }
}

/// What is wrong with the quotes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Torn {
    /// Something follows the end of a quoted field.
    Quote,
    /// A quoted field does not end.
    OpenQuote,
}

/// One record.
#[derive(Debug)]
pub struct Record<'a> {
    /// The line of the file on which it begins, from 1.
    pub line: u32,
    /// The fields without the space around them; a quoted one keeps its own.
    pub fields: Result<Vec<Cow<'a, str>>, Torn>,
}

/// The records of a text. Empty lines are left out. One that is torn costs no other one anything. A quote in the middle of
/// a field that has none in front is a sign like any other.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    rest: &'a str,
    line: u32,
    separator: char,
    over_lines: bool,
}

impl<'a> Records<'a> {
    /// A quoted field may hold ends of lines.
    pub const fn of(text: &'a str, separator: Separator) -> Self {
        Self { rest: text, line: 1, separator: separator.sign(), over_lines: true }
    }

    /// Each line is a record: a quote that is not closed in it would else swallow all the lines after it.
    pub const fn of_lines(text: &'a str, separator: Separator) -> Self {
        Self { rest: text, line: 1, separator: separator.sign(), over_lines: false }
    }

    fn record(&mut self) -> Result<Vec<Cow<'a, str>>, Torn> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            match self.rest.strip_prefix(self.separator) {
                Some(rest) => self.rest = rest,
                None => {
                    self.end_line();
                    return Ok(fields);
                }
            }
        }
    }

    /// A field, up to what ends it.
    fn field(&mut self) -> Result<Cow<'a, str>, Torn> {
        match self.rest.trim_start_matches([' ', '\u{a0}']).strip_prefix('"') {
            Some(quoted) => self.quoted(quoted),
            None => Ok(Cow::Borrowed(self.up_to_end().trim())),
        }
    }

    /// What is left of the field.
    fn up_to_end(&mut self) -> &'a str {
        let end = self.rest.find([self.separator, '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest;
        field
    }

    /// A field of which the first quote was read: two quotes are one, and only space follows the last. Of one that does not
    /// end nothing is read, so that the next line is a record again.
    fn quoted(&mut self, quoted: &'a str) -> Result<Cow<'a, str>, Torn> {
        let within = if self.over_lines { quoted } else { quoted.split('\n').next().unwrap_or(quoted) };
        let mut from = 0;
        let end = loop {
            let quote = within[from..].find('"').ok_or(Torn::OpenQuote)?;
            match within[from + quote + 1..].starts_with('"') {
                true => from += quote + 2,
                false => break from + quote,
            }
        };
        let text = &quoted[..end];
        self.line = self.line.saturating_add(u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX));
        self.rest = &quoted[end + 1..];
        if !self.up_to_end().trim().is_empty() {
            return Err(Torn::Quote);
        }
        Ok(if text.contains('"') { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) })
    }

    /// Goes to the next line, whatever is left of this one.
    fn end_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.line = self.line.saturating_add(1);
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        while !self.rest.is_empty() {
            let line = self.line;
            let fields = self.record();
            if fields.is_err() {
                self.end_line();
            }
            if !matches!(&fields, Ok(fields) if fields.iter().all(|field| field.trim().is_empty())) {
                return Some(Record { line, fields });
            }
        }
        None
    }
}

/// Adds a row to a text, with the line's end.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula. Such a cell gets
/// an apostrophe in front, with which a spreadsheet shows it as text. A number in E.164 is left as it is: a plus and digits
/// is no more than a number to a spreadsheet, and to every other program it is the one form of a telephone number.
pub fn write_row<'a>(text: &mut String, separator: Separator, cells: impl IntoIterator<Item = &'a str>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(separator.sign());
        }
        let tame = if is_formula(cell) { "'" } else { "" };
        let quoted = cell.contains(['"', '\r', '\n', ',', ';', '\t']) || cell != cell.trim();
        if quoted {
            text.extend(["\"", tame, &cell.replace('"', "\"\""), "\""]);
        } else {
            text.extend([tame, cell]);
        }
    }
    text.push_str("\r\n");
}

fn is_formula(cell: &str) -> bool {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !cell.strip_prefix('+').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, Result<Vec<String>, Torn>)> {
        let owned = |fields: Vec<Cow<'_, str>>| fields.into_iter().map(Cow::into_owned).collect();
        Records::of(text, Separator::Comma).map(|record| (record.line, record.fields.map(owned))).collect()
    }

    fn fields(fields: &[&str]) -> Result<Vec<String>, Torn> {
        Ok(fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn quoted_fields_hold_separators_quotes_and_ends_of_lines() {
        let text = "a, b ,c\r\n\r\n\"x,y\",\"says \"\"hi\"\"\",\"two\nlines\"\n1,,\n , ,\nlast,\"\",z";
        assert_eq!(
            read(text),
            [
                (1, fields(&["a", "b", "c"])),
                (3, fields(&["x,y", "says \"hi\"", "two\nlines"])),
                (5, fields(&["1", "", ""])),
                (7, fields(&["last", "", "z"])),
            ]
        );
    }

    #[test]
    fn a_quote_out_of_place_costs_its_own_line_only() {
        let text = "a\"b,c\n\"a\"b,c\nd,e\n\"open,f\ng,h";
        assert_eq!(
            read(text),
            [
                (1, fields(&["a\"b", "c"])),
                (2, Err(Torn::Quote)),
                (3, fields(&["d", "e"])),
                (4, Err(Torn::OpenQuote)),
                (5, fields(&["g", "h"])),
            ]
        );
    }

    #[test]
    fn where_each_line_is_a_record_no_quote_reaches_the_next_one() {
        let of_lines =
            |text| Records::of_lines(text, Separator::Comma).map(|record| record.fields.ok()).collect::<Vec<_>>();
        let read = of_lines("a,\"b\nc,\"d\"\r\n\"e\n,f\"\ng\n");
        let cells: Vec<Option<Vec<&str>>> = read
            .iter()
            .map(|fields| fields.as_ref().map(|fields| fields.iter().map(|field| &**field).collect()))
            .collect();
        assert_eq!(cells, [None, Some(vec!["c", "d"]), None, Some(vec!["", "f\""]), Some(vec!["g"])]);
    }

    #[test]
    fn older_alphabets_are_read_and_what_is_no_text_is_not() {
        assert_eq!(text_of(b"\xef\xbb\xbfpr\xc3\xa9fixe").as_deref(), Some("préfixe"));
        assert_eq!(text_of(b"pr\xe9fixe \x80").as_deref(), Some("préfixe €"));
        assert_eq!(text_of(b"p\0r\0"), None);
        assert_eq!("Prix-É".chars().filter_map(plain).collect::<String>(), "prixe");
    }

    fn written(cells: &[&str]) -> String {
        let mut text = String::new();
        write_row(&mut text, Separator::Comma, cells.iter().copied());
        text
    }

    #[test]
    fn what_has_a_sign_of_its_own_is_quoted() {
        assert_eq!(written(&["a", "b c", "", "d,e"]), "a,b c,,\"d,e\"\r\n");
        assert_eq!(written(&["say \"hi\"", "one\ntwo", "x;y"]), "\"say \"\"hi\"\"\",\"one\ntwo\",\"x;y\"\r\n");
    }

    #[test]
    fn no_cell_is_a_formula_and_a_telephone_number_stays_one() {
        for evil in
            ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+", "+31-20", "=HYPERLINK(\"x\")"]
        {
            let row = written(&[evil]);
            let cell = row.trim_start_matches('"');
            assert!(cell.starts_with('\''), "{row:?}");
        }
        assert_eq!(
            written(&["+31201234567", "201", "*8", "'s-Hertogenbosch"]),
            "+31201234567,201,*8,'s-Hertogenbosch\r\n"
        );
    }

    #[test]
    fn what_was_written_is_read_back() {
        let row = ["a;b", "say \"hi\"", "", "c,d", " e "];
        for separator in Separator::ALL {
            let mut text = String::new();
            write_row(&mut text, separator, row);
            let read = Records::of(&text, separator).next().unwrap().fields.unwrap();
            assert_eq!(read, row);
        }
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_costs_one_line() {
        let lines = |text| Records::of_lines(text, Separator::Semicolon).map(|record| record.fields.ok());
        assert_eq!(lines("a;\"b;c\nd").collect::<Vec<_>>(), [None, Some(vec!["d".into()])]);
        assert_eq!(lines("a;b\"c").next().unwrap().unwrap(), ["a", "b\"c"]);
        assert_eq!(lines("").next(), None);
    }
}
