//! How one file names another.

use std::path::{Component, Path, PathBuf};

/// `target` as seen from the folder of the file `from`; both as seen from the current folder.
pub(crate) fn from_file(from: &Path, target: &Path) -> std::io::Result<String> {
    let folder = resolved(from)?.parent().map(Path::to_path_buf).unwrap_or_default();
    let target = resolved(target)?;
    let shared = folder.components().zip(target.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = target.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// An absolute path without `.` and `..`.
fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    let mut parts = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::ParentDir => {
                parts.pop();
            }
            Component::CurDir => {}
            part => parts.push(part),
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_each_other() {
        let name = |from: &str, target: &str| from_file(Path::new(from), Path::new(target)).unwrap();
        assert_eq!(name("scenarios/found/x.toml", "models/broken/y.toml"), "../../models/broken/y.toml");
        assert_eq!(name("x.toml", "models/y.toml"), "models/y.toml");
        assert_eq!(name("models/x.toml", "models/./y.toml"), "y.toml");
        assert_eq!(name("/a/b/x.toml", "/a/c/../y.toml"), "../y.toml");
    }
}
