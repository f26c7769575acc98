//! Reading files, and files that name files.

use std::io;

/// How files are read: [`from_disk`], or something else in tests.
pub type Read<'a> = &'a dyn Fn(&str) -> io::Result<String>;

/// Greatest size of a file.
const LARGEST: u64 = 1 << 20;

/// Reads a file. The only place of this room that touches the disk.
pub fn from_disk(path: &str) -> io::Result<String> {
    let size = std::fs::metadata(path)?.len();
    if size > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{size} bytes are too many; at most {LARGEST}"),
        ));
    }
    std::fs::read_to_string(path)
}

/// `path` as named in the file `from`, seen from where that file is seen: `..` and `.` are resolved by name.
pub fn relative_to(from: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(&last)) if last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::relative_to;

    #[test]
    fn paths_are_seen_from_the_file_that_names_them() {
        assert_eq!(relative_to("models/broken/x.toml", "../y.toml"), "models/y.toml");
        assert_eq!(relative_to("x.toml", "y.toml"), "y.toml");
        assert_eq!(relative_to("x.toml", "../y.toml"), "../y.toml");
        assert_eq!(relative_to("../a/x.toml", "../../y.toml"), "../../y.toml");
        assert_eq!(relative_to("/a/x.toml", "./b/y.toml"), "/a/b/y.toml");
        assert_eq!(relative_to("/x.toml", "y.toml"), "/y.toml");
        assert_eq!(relative_to("a/x.toml", "/y.toml"), "/y.toml");
    }
}
