//! One row of `metrics.csv`.

use crate::checkpoint::Archive;
use crate::error::DataError;
use crate::network::symmetry::Symmetry;

/// One row of measurements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurement {
    /// Presentations done.
    pub presentations: u64,
    /// Mean loss since the row before; NaN at the start.
    pub loss: f64,
    /// Fraction of right answers since the row before; NaN without labels.
    pub online_accuracy: f64,
    /// Mean loss on the test samples.
    pub test_loss: f64,
    /// Fraction of right answers on the test samples; NaN without labels.
    pub test_accuracy: f64,
    /// Per layer with feedback weights.
    pub symmetry: Vec<Symmetry>,
}

impl Measurement {
    /// Adds it, or that there is none, to a checkpoint under `name`.
    pub(super) fn save(measurement: Option<&Self>, name: &str, to: &mut Archive) {
        let mut numbers = Vec::new();
        if let Some(Self { presentations, loss, online_accuracy, test_loss, test_accuracy, symmetry }) =
            measurement
        {
            numbers.extend([*presentations as f64, *loss, *online_accuracy, *test_loss, *test_accuracy]);
            for layer in symmetry {
                let Symmetry { layer, angle_deg, relative_difference, error_angle_deg } = *layer;
                numbers.extend([layer as f64, angle_deg, relative_difference, error_angle_deg]);
            }
        }
        to.put(name, numbers);
    }

    /// What [`Measurement::save`] has added.
    ///
    /// # Errors
    /// Where there is nothing of this name.
    pub(super) fn restored(name: &str, from: &Archive) -> Result<Option<Self>, DataError> {
        let numbers: Vec<f64> = from.get(name)?.collect();
        let Some((head, layers)) = numbers.split_first_chunk() else { return Ok(None) };
        let [presentations, loss, online_accuracy, test_loss, test_accuracy] = *head;
        let layers = layers.as_chunks().0.iter();
        let symmetry = layers.map(|[layer, angle_deg, relative_difference, error_angle_deg]| Symmetry {
            layer: *layer as usize,
            angle_deg: *angle_deg,
            relative_difference: *relative_difference,
            error_angle_deg: *error_angle_deg,
        });
        let symmetry = symmetry.collect();
        let presentations = presentations as u64;
        Ok(Some(Self { presentations, loss, online_accuracy, test_loss, test_accuracy, symmetry }))
    }
}
