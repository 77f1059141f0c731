//! What configurations and runs are called: in tables, and as directories.

use std::collections::HashSet;
use std::path::{Path, PathBuf, absolute};

use sha2::{Digest, Sha256};

/// Longest name of a run directory, bytes.
const LONGEST_NAME: usize = 150;
/// How the name of a comparison's directory starts, unless it is given.
pub const PREFIX: &str = "compare-";

/// What an input is called: a file's stem, or the folder's name where that says nothing.
#[must_use]
pub fn stem(path: &Path) -> String {
    let text = |name: Option<&std::ffi::OsStr>| name.map(|name| name.to_string_lossy().into_owned());
    let stem = if path.is_dir() { text(path.file_name()) } else { text(path.file_stem()) };
    let parent = || path.parent().and_then(|parent| text(parent.file_name()));
    match stem {
        Some(stem) if stem != "config" => stem,
        stem => parent().or(stem).unwrap_or_else(|| "run".to_owned()),
    }
}

/// What the comparison in a directory is called: as the directory, without [`PREFIX`].
#[must_use]
pub fn comparison(directory: &Path) -> String {
    let name = stem(&absolute(directory).unwrap_or_else(|_| directory.to_owned()));
    name.strip_prefix(PREFIX).map_or(name.clone(), str::to_owned)
}

/// What the folder around an input is called; empty where the path does not say.
pub(super) fn folder(path: &Path) -> String {
    path.parent()
        .and_then(Path::file_name)
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The names; where two are equal, the paths.
pub(super) fn unique(names: &[String], paths: &[&PathBuf]) -> Vec<String> {
    let is_unique = |name: &String| names.iter().filter(|other| *other == name).count() == 1;
    let label = |(name, path): (&String, &&PathBuf)| {
        if is_unique(name) { name.clone() } else { path.display().to_string() }
    };
    names.iter().zip(paths).map(label).collect()
}

/// A name as that of a directory, on any system, cut where it is too long.
pub(super) fn safe(name: &str) -> String {
    let clean = |c: char| match c {
        '/' | '\\' | ':' | '*' | '?' | '<' | '>' | '|' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    let mut safe: String = name.chars().filter(|c| !matches!(c, '"' | '\'' | ' ')).map(clean).collect();
    if safe.is_empty() || safe.starts_with('.') {
        safe.insert(0, '_');
    }
    if safe.len() > LONGEST_NAME {
        let digest: [u8; 32] = Sha256::digest(name).into();
        let [a, b, c, d, ..] = digest;
        while safe.len() > LONGEST_NAME - 9 {
            safe.pop();
        }
        safe = format!("{safe}-{:08x}", u32::from_be_bytes([a, b, c, d]));
    }
    safe
}

/// The name, or the first of `name-2`, `name-3`, ... that is free.
pub(super) fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut count = 1;
    while !taken.insert(free.clone()) {
        count += 1;
        free = format!("{name}-{count}");
    }
    free
}
