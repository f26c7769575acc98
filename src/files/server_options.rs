//! Options of DHCP that a configuration gives by their codes: whether clients could read them (RFC 2132, RFC 3442).

use std::net::Ipv4Addr;

use dhcpfo_header::section::Field;

/// Text, or hexadecimal digits after `hex:`.
pub(crate) fn octets(field: &Field<'_>, text: &str) -> Option<Vec<u8>> {
    let Some(digits) = text.strip_prefix("hex:") else { return Some(text.as_bytes().to_vec()) };
    let pair = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let octets: Option<Vec<u8>> =
        if digits.len() % 2 == 0 { digits.as_bytes().chunks(2).map(pair).collect() } else { None };
    match octets {
        Some(octets) if octets.len() <= 255 => Some(octets),
        Some(_) => field.fail("is longer than 255 octets"),
        None => field.fail_with(format!("\"{text}\" will not do"), "hex: and an even number of hexadecimal digits"),
    }
}

/// Options that the server sets by itself; what a configuration says of them is never sent.
const OWN: [u8; 11] = [50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 82];

/// What the data of an option is made of.
enum Form {
    /// So many octets.
    Octets(usize),
    /// One or more pieces of so many octets.
    Several(usize),
    /// One or more IPv4 addresses.
    Addresses,
    /// One IPv4 address.
    Address,
    /// One octet, 0 or 1.
    Flag,
    /// One or more octets.
    Something,
    /// Destinations with their routers (RFC 3442).
    Routes,
}

/// The form of an option; None: any.
const fn form(code: u8) -> Option<Form> {
    Some(match code {
        1 | 16 | 28 | 32 => Form::Address,
        3..=11 | 41 | 42 | 44 | 45 | 48 | 49 | 65 | 69..=76 => Form::Addresses,
        21 | 33 => Form::Several(8),
        25 => Form::Several(2),
        13 | 22 | 26 => Form::Octets(2),
        2 | 24 | 35 | 38 => Form::Octets(4),
        23 | 37 | 46 => Form::Octets(1),
        19 | 20 | 27 | 29..=31 | 34 | 36 | 39 => Form::Flag,
        12 | 14 | 15 | 17 | 18 | 40 | 43 | 47 | 60 | 62 | 64 | 66 | 67 => Form::Something,
        121 => Form::Routes,
        _ => return None,
    })
}

/// Notes an option that the server would not send, or that a client could not read.
pub(crate) fn check_option(field: &Field<'_>, code: u8, data: &[u8]) {
    if OWN.contains(&code) {
        let key = if code == 51 { "subnet.lease in its place" } else { "no such option here" };
        field.fail_with::<()>(format!("option {code} is set by the server itself"), key);
        return;
    }
    let Some(form) = form(code) else { return };
    let text = std::str::from_utf8(data).unwrap_or_default();
    let written: Option<Vec<Ipv4Addr>> = text.split([',', ' ']).map(|part| part.parse().ok()).collect();
    let (good, accepted) = match form {
        Form::Octets(count) => (data.len() == count, format!("{count} octets, hex:{}", "00".repeat(count))),
        Form::Several(count) => {
            let whole = !data.is_empty() && data.len().is_multiple_of(count);
            (whole, format!("{count} octets or a multiple of it, after hex:"))
        }
        Form::Flag => (matches!(data, [0 | 1]), "hex:00 or hex:01".to_owned()),
        Form::Something => (!data.is_empty(), "at least one octet".to_owned()),
        Form::Routes => (
            are_routes(data),
            "hex: and, for each route, the length of its prefix, so many octets of it as that needs, and 4 of a router"
                .to_owned(),
        ),
        Form::Address | Form::Addresses => {
            let whole = !data.is_empty() && data.len().is_multiple_of(4);
            let count = if matches!(form, Form::Address) { data.len() == 4 } else { whole };
            let hex: String = written
                .iter()
                .flatten()
                .flat_map(|address| address.octets())
                .map(|octet| format!("{octet:02x}"))
                .collect();
            let accepted =
                if written.is_some() { format!("hex:{hex}") } else { "4 octets an address, after hex:".to_owned() };
            (count && written.is_none(), accepted)
        }
    };
    if !good {
        let problem = format!("option {code} of {} octets could not be read by a client", data.len());
        field.fail_with::<()>(problem, accepted);
    }
}

fn are_routes(mut data: &[u8]) -> bool {
    let any = !data.is_empty();
    while let [length, rest @ ..] = data {
        let Some((_, others)) = rest.split_at_checked(usize::from(length.div_ceil(8)) + 4) else { return false };
        if *length > 32 {
            return false;
        }
        data = others;
    }
    any
}
