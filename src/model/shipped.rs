//! The models that ship with the program: those of the folder `models/`.

use super::Model;
use crate::config::nearest;
use crate::error::ConfigError;

/// Name and text of each, in order of their names.
pub const SHIPPED: [(&str, &str); 13] = [
    ("adam", include_str!("../../models/adam.ds")),
    ("bcm", include_str!("../../models/bcm.ds")),
    ("bio_adam", include_str!("../../models/bio_adam.ds")),
    ("bio_adam_mean_abs", include_str!("../../models/bio_adam_mean_abs.ds")),
    ("calcium", include_str!("../../models/calcium.ds")),
    ("consolidation", include_str!("../../models/consolidation.ds")),
    ("kolen_pollack", include_str!("../../models/kolen_pollack.ds")),
    ("momentum", include_str!("../../models/momentum.ds")),
    ("oja", include_str!("../../models/oja.ds")),
    ("predisposition", include_str!("../../models/predisposition.ds")),
    ("rmsprop", include_str!("../../models/rmsprop.ds")),
    ("sgd", include_str!("../../models/sgd.ds")),
    ("three_factor", include_str!("../../models/three_factor.ds")),
];

/// Their names.
#[must_use]
pub fn names() -> Vec<&'static str> {
    SHIPPED.iter().map(|(name, _)| *name).collect()
}

/// Whether `name` is a file's path and not the name of a model that ships.
#[must_use]
pub fn is_path(name: &str) -> bool {
    name.contains(['/', '\\', '.'])
}

/// The model of this name, which stands at `key` of a configuration.
///
/// # Errors
/// Where there is none.
pub fn model(key: &str, name: &str) -> Result<Model, ConfigError> {
    let known = names();
    if let Some((name, text)) = SHIPPED.iter().find(|(other, _)| *other == name) {
        return Model::parse(text, name);
    }
    let list = known.join(", ");
    let remedy = match nearest(name, &known) {
        Some(nearest) => format!("did you mean \"{nearest}\"? Models that ship: {list}"),
        None => format!("models that ship: {list}; a file of your own ends with .ds"),
    };
    Err(ConfigError::new(key, format!("no model \"{name}\" ships with the program"), remedy))
}
