//! Comma-separated values, written as RFC 4180 says.

use centrale_numbering::csv::Separator;

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
    use centrale_numbering::csv::Records;

    use super::*;

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
