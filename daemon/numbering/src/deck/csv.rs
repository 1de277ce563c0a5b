//! Records of comma-separated values (RFC 4180), with another separator where the file has one.

use std::borrow::Cow;

use super::fault::Wrong;

/// One record.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// The line of the file on which it begins, from 1.
    pub(super) line: u32,
    /// The fields without the space around them.
    pub(super) fields: Result<Vec<Cow<'a, str>>, Wrong>,
}

/// The records of a text. Empty lines are left out.
#[derive(Debug, Clone)]
pub(super) struct Records<'a> {
    rest: &'a str,
    line: u32,
    separator: char,
}

impl<'a> Records<'a> {
    pub(super) const fn of(text: &'a str, separator: char) -> Self {
        Self { rest: text, line: 1, separator }
    }

    fn record(&mut self) -> Result<Vec<Cow<'a, str>>, Wrong> {
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
    fn field(&mut self) -> Result<Cow<'a, str>, Wrong> {
        let start = self.rest.trim_start_matches([' ', '\u{a0}']);
        let field = match start.strip_prefix('"') {
            Some(quoted) => self.quoted(quoted)?,
            None => Cow::Borrowed(self.up_to_end().trim()),
        };
        if matches!(field, Cow::Borrowed(text) if !start.starts_with('"') && text.contains('"')) {
            return Err(Wrong::Quote);
        }
        Ok(field)
    }

    /// What is left of the field.
    fn up_to_end(&mut self) -> &'a str {
        let end = self.rest.find([self.separator, '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest;
        field
    }

    /// A field of which the first quote was read: two quotes are one, and only space follows the last.
    fn quoted(&mut self, quoted: &'a str) -> Result<Cow<'a, str>, Wrong> {
        let mut from = 0;
        let end = loop {
            let Some(quote) = quoted[from..].find('"') else {
                self.rest = "";
                return Err(Wrong::OpenQuote);
            };
            match quoted[from + quote + 1..].starts_with('"') {
                true => from += quote + 2,
                false => break from + quote,
            }
        };
        let text = &quoted[..end];
        self.line = self.line.saturating_add(u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX));
        self.rest = &quoted[end + 1..];
        if !self.up_to_end().trim().is_empty() {
            return Err(Wrong::Quote);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, Result<Vec<String>, Wrong>)> {
        let owned = |fields: Vec<Cow<'_, str>>| fields.into_iter().map(Cow::into_owned).collect();
        Records::of(text, ',').map(|record| (record.line, record.fields.map(owned))).collect()
    }

    fn fields(fields: &[&str]) -> Result<Vec<String>, Wrong> {
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
            [(1, Err(Wrong::Quote)), (2, Err(Wrong::Quote)), (3, fields(&["d", "e"])), (4, Err(Wrong::OpenQuote))]
        );
    }
}
