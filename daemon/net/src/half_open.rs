//! Connections that are begun in forged names and never finished (floods of SYNs): the kernel's to withstand.

/// Where the kernel says whether it answers with cookies, which take no memory, once its room for half-open connections is full
/// (tcp(7), `tcp_syncookies`).
const COOKIES: &str = "/proc/sys/net/ipv4/tcp_syncookies";

/// Whether a flood of half-open connections keeps others out: the kernel was told to send no cookies. `false` where it does not say.
#[must_use]
pub fn half_open_keeps_others_out() -> bool {
    std::fs::read_to_string(COOKIES).is_ok_and(|text| is_off(&text))
}

fn is_off(text: &str) -> bool {
    text.trim() == "0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_nought_is_off() {
        // 1 is when there is need, 2 always.
        assert_eq!(["0\n", "1\n", "2\n", ""].map(is_off), [true, false, false, false]);
    }
}
