//! Tests of the reader on crafted files.
#![allow(clippy::unwrap_used)]

use std::io::Write;

use super::*;

/// The bytes of an IDX file.
fn idx(dims: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, UNSIGNED_BYTE, dims.len() as u8];
    bytes.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
    bytes.extend(values);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What is said about a file with these bytes.
fn complaint(bytes: &[u8], rank: u8) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file-ubyte");
    std::fs::write(&path, bytes).unwrap();
    let message = read(&path, rank).unwrap_err().to_string();
    assert!(message.contains("file-ubyte: ") && message.contains("help: "), "{message}");
    message
}

/// A folder with two training samples and one test sample of 1x2 pixels.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("train-images-idx3-ubyte", &idx(&[2, 1, 2], &[0, 255, 51, 102]));
    write("train-labels-idx1-ubyte.gz", &gzip(&idx(&[2], &[3, 0])));
    write("t10k-images-idx3-ubyte.gz", &gzip(&idx(&[1, 1, 2], &[255, 0])));
    write("t10k-labels-idx1-ubyte", &idx(&[1], &[5]));
    folder
}

#[test]
fn plain_and_compressed_files_are_read_and_scaled() {
    let folder = folder();
    let (train, test) = load_folder(folder.path()).unwrap();
    assert_eq!((train.len(), test.len(), train.width()), (2, 1, 2));
    assert_eq!((train.target_width(), test.target_width()), (6, 6));
    assert_eq!([train.label(0), train.label(1), test.label(0)], [Some(3), Some(0), Some(5)]);
    let (mut x, mut y) = ([9.0; 2], [9.0; 6]);
    train.sample_into(1, &mut x, &mut y);
    assert_eq!((x, y), ([0.2, 0.4], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
}

#[test]
fn files_that_do_not_fit_together_are_refused() {
    let complaint = |name: &str, bytes: &[u8]| {
        let folder = folder();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        load_folder(folder.path()).unwrap_err().to_string()
    };
    let message = complaint("t10k-labels-idx1-ubyte", &idx(&[2], &[5, 1]));
    assert!(message.contains("t10k-labels-idx1-ubyte: byte 4: 2 labels, but there are 1 t10k images"));
    let message = complaint("t10k-images-idx3-ubyte", &idx(&[1, 2, 2], &[0; 4]));
    assert!(message.contains("images of shape [2, 2]") && message.contains("[1, 2]"), "{message}");
}

#[test]
fn a_missing_file_is_named() {
    let folder = folder();
    std::fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte")).unwrap();
    let message = load_folder(folder.path()).unwrap_err().to_string();
    assert!(message.contains("holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz"));
    assert!(message.contains("data.path"));
}

#[test]
fn a_truncated_file_is_refused_with_its_last_byte() {
    let whole = idx(&[2, 1, 2], &[1, 2, 3, 4]);
    for (length, expected) in [
        (0, "byte 0: ends within the header"),
        (3, "byte 3: ends within the header"),
        (9, "byte 9: ends within the header"),
        (16, "byte 16: ends here, but 2 x 1 x 2 values take 20 bytes"),
        (19, "byte 19: ends here"),
    ] {
        for bytes in [whole[..length].to_vec(), gzip(&whole[..length])] {
            let message = complaint(&bytes, 3);
            assert!(message.contains(expected), "{length}: {message}");
        }
    }
}

#[test]
fn bytes_after_the_last_value_are_refused() {
    let mut bytes = idx(&[3], &[1, 2, 3]);
    bytes.push(0);
    assert!(complaint(&bytes, 1).contains("byte 11: goes on after the 3 values"));
    assert!(complaint(&gzip(&bytes), 1).contains("byte 11: goes on after the 3 values"));
}

#[test]
fn a_damaged_gzip_file_is_refused_with_the_byte() {
    let mut cut = gzip(&idx(&[1000], &[7; 1000]));
    cut.truncate(cut.len() - 9);
    assert!(complaint(&cut, 1).contains("cannot be read"), "{}", complaint(&cut, 1));
    let mut checksum = gzip(&idx(&[3], &[1, 2, 3]));
    let end = checksum.len();
    checksum[end - 8] ^= 1;
    assert!(complaint(&checksum, 1).contains("byte 11: cannot be read"), "{}", complaint(&checksum, 1));
    let mut tail = gzip(&idx(&[3], &[1, 2, 3]));
    tail.extend(b"tail");
    assert!(complaint(&tail, 1).contains("byte 11: cannot be read"), "{}", complaint(&tail, 1));
}

#[test]
fn another_kind_of_file_is_refused() {
    let floats = [0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0];
    assert!(complaint(&floats, 1).contains("byte 0: begins with 00 00 0d 01"));
    assert!(complaint(&idx(&[1], &[0]), 3).contains("in 3 dimensions begins with 00 00 08 03"));
    assert!(complaint(&idx(&[4, 0, 2], &[]), 3).contains("byte 8: dimension 1 is 0"));
}

/// Allocating what these headers claim would end the test.
#[test]
fn a_header_that_claims_too_much_is_refused_without_allocating_it() {
    let most = u32::MAX;
    assert!(complaint(&idx(&[most, most, most], &[1]), 3).contains("byte 4: the header claims"));
    assert!(complaint(&idx(&[most, 1, 1], &[1]), 3).contains("byte 17: ends here"));
    let bytes = gzip(&idx(&[most], &[1; 100]));
    assert!(complaint(&bytes, 1).contains("byte 108: ends here"));
}
