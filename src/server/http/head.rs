//! The head of a request: method, target and header fields, within bounds.

use std::io::Read;

use super::{Refusal, Reply};

/// Octets of a head.
const LONGEST: usize = 8192;
/// Header fields of a head.
const FIELDS: usize = 64;

/// The head of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `GET`, `POST` or another word.
    pub method: String,
    /// Path and query, as they came. It begins with a slash.
    pub target: String,
    /// Names and values, in the order in which they came.
    pub fields: Vec<(String, String)>,
}

/// How often a header field was sent, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// Not at all.
    None,
    /// Once.
    One(&'a str),
    /// More than once: whoever reads the first one and whoever reads the last one would not agree.
    Several,
}

impl Head {
    /// The header field of this name.
    pub fn field(&self, name: &str) -> Field<'_> {
        let mut found = self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (None, _) => Field::None,
            (Some((_, value)), None) => Field::One(value),
            _ => Field::Several,
        }
    }

    /// Path and query.
    pub fn path(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    /// Whether the body is JSON. A page in a browser may not send that to another site without being allowed to.
    pub fn is_json(&self) -> bool {
        let Field::One(kind) = self.field("Content-Type") else { return false };
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    }

    /// Octets of the body.
    pub(super) fn body_length(&self) -> Result<u64, Refusal> {
        if self.field("Transfer-Encoding") != Field::None {
            return Err(Some(Reply::text(411, "a body is sent with Content-Length here\n")));
        }
        match self.field("Content-Length") {
            Field::None => Ok(0),
            Field::One(digits) if !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit()) => {
                Ok(digits.parse().unwrap_or(u64::MAX))
            }
            _ => Err(Some(Reply::text(400, "Content-Length is not one number\n"))),
        }
    }

    pub(super) fn expects_continue(&self) -> bool {
        matches!(self.field("Expect"), Field::One(value) if value.eq_ignore_ascii_case("100-continue"))
    }
}

/// Reads a head, and what came of the body with it.
pub(super) fn read(from: &mut impl Read) -> Result<(Head, Vec<u8>), Refusal> {
    let mut octets = Vec::new();
    let mut piece = [0; 2048];
    loop {
        let length = match from.read(&mut piece) {
            Ok(0) if octets.is_empty() => return Err(None),
            Ok(0) => return Err(Some(Reply::text(400, "the request ends early\n"))),
            Ok(length) => length,
            Err(_) if octets.is_empty() => return Err(None),
            Err(_) => return Err(Some(Reply::text(408, "the request did not arrive in time\n"))),
        };
        // An end of the head has its last octets in this piece or just before it.
        let fresh = octets.len().saturating_sub(3);
        octets.extend(&piece[..length]);
        let ends = octets[fresh..].windows(2).any(|two| two == b"\n\n")
            || octets[fresh..].windows(4).any(|four| four == b"\r\n\r\n");
        if ends && let Some(done) = parse(&octets)? {
            return Ok(done);
        }
        if octets.len() >= LONGEST {
            return Err(Some(Reply::text(431, "the header of a request has at most 8192 octets\n")));
        }
    }
}

fn parse(octets: &[u8]) -> Result<Option<(Head, Vec<u8>)>, Refusal> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(octets) {
        Ok(httparse::Status::Complete(length)) if length <= LONGEST => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(_) => return Err(Some(Reply::text(431, "the header of a request has at most 8192 octets\n"))),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Some(Reply::text(431, "a request has at most 64 header fields\n")));
        }
        Err(error) => return Err(Some(Reply::text(400, &format!("no HTTP: {error}\n")))),
    };
    let target = request.path.unwrap_or_default();
    if !target.starts_with('/') {
        return Err(Some(Reply::text(400, "a path that begins with a slash would be accepted\n")));
    }
    let field =
        |field: &httparse::Header<'_>| (field.name.to_owned(), String::from_utf8_lossy(field.value).trim().to_owned());
    let head = Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: target.to_owned(),
        fields: request.headers.iter().map(field).collect(),
    };
    Ok(Some((head, octets[length..].to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> Option<u16> {
        read(&mut text.as_bytes()).err().flatten().map(|reply| reply.status)
    }

    #[test]
    fn a_head_is_read_whole_or_refused() {
        let (head, begun) = read(&mut &b"POST /a?b HTTP/1.1\r\nHost: x\r\nhost: y\r\nX:  z \r\n\r\nbody"[..]).unwrap();
        assert_eq!((head.method.as_str(), head.path(), begun.as_slice()), ("POST", ("/a", "b"), &b"body"[..]));
        assert_eq!((head.field("HOST"), head.field("x")), (Field::Several, Field::One("z")));
        assert_eq!(head.field("y"), Field::None);
        assert_eq!(status("GET / HTTP/1.1\r\nHost"), Some(400));
        assert_eq!(status("GET http://x/ HTTP/1.1\r\n\r\n"), Some(400));
        assert_eq!(status("GET * HTTP/1.1\r\n\r\n"), Some(400));
        assert_eq!(status("nonsense\r\n\r\n"), Some(400));
        assert_eq!(status(&format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(LONGEST))), Some(431));
        assert_eq!(status(&format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(FIELDS + 1))), Some(431));
        assert_eq!(read(&mut &b""[..]), Err(None));
    }

    #[test]
    fn the_length_of_a_body_is_one_number() {
        let length = |fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Head { fields, ..Head::default() }.body_length().map_err(|refusal| refusal.map(|reply| reply.status))
        };
        assert_eq!(length(&[]), Ok(0));
        assert_eq!(length(&[("content-length", "12")]), Ok(12));
        assert_eq!(length(&[("Content-Length", "99999999999999999999999")]), Ok(u64::MAX));
        for bad in ["", "-1", "+1", "1, 1", "0x1"] {
            assert_eq!(length(&[("Content-Length", bad)]), Err(Some(400)), "{bad}");
        }
        assert_eq!(length(&[("Content-Length", "1"), ("Content-Length", "1")]), Err(Some(400)));
        assert_eq!(length(&[("Transfer-Encoding", "chunked")]), Err(Some(411)));
    }
}
