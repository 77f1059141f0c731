//! What stands in place of the parser where the program is built without it.

use super::tree::{Fault, Part};

pub(super) fn parts(_text: &str) -> Result<Vec<Part>, Fault> {
    Err(absent())
}

pub(super) fn absent() -> Fault {
    Fault::whole(
        "can't be used: this program was built without models",
        "build it with the cargo feature `models`, which is on by default",
    )
}
