//! Complete, commented configurations to start from: what `init` prints.

use toml::{Table, Value};

/// A network that learns a stream.
pub const NETWORK: &str = include_str!("network.toml");

/// Single synapses under a gradient signal.
pub const SYNAPSE: &str = include_str!("synapse.toml");

/// The tables, as `[name]`, in which a key of this name is known.
pub(super) fn tables_with(key: &str) -> Vec<String> {
    let mut homes = Vec::new();
    for template in [NETWORK, SYNAPSE] {
        let root: Table = template.parse().unwrap_or_default();
        for (name, value) in &root {
            let home = format!("[{name}]");
            if value.get(key).is_some() && !matches!(value, Value::Array(_)) && !homes.contains(&home) {
                homes.push(home);
            }
        }
        let top = "the first lines, before any [table]".to_owned();
        if root.contains_key(key) && !homes.contains(&top) {
            homes.push(top);
        }
    }
    homes
}
