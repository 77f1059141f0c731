//! Small run directories, and a count of what was drawn.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::figure::style::Color;

/// A run directory with this configuration.
pub fn run(config: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("config.toml"), config).unwrap();
    dir
}

pub fn put(dir: &Path, file: &str, text: &str) {
    fs::write(dir.join(file), text).unwrap();
}

/// A small size, so that tests are quick.
pub const SMALL: &str = "name = \"small\"\n[figures]\nwidth = 400\nheight = 300\nscale = 1.0\n";

/// Three synapses with noise and a jump, feedback and Adam.
pub fn traces(rows: usize) -> String {
    let variables = ["g", "m", "rho", "u", "w", "b", "w_adam", "m_adam", "rho_adam"];
    let mut text = String::from("time_s");
    for synapse in ["s0", "s1", "s2"] {
        for variable in variables {
            write!(text, ",{synapse}.{variable}").unwrap();
        }
    }
    let mut noise = 0.4_f64;
    for row in 0..rows {
        let t = row as f64 / 10.0;
        write!(text, "\n{t}").unwrap();
        for synapse in 0..3 {
            noise = 3.99 * noise * (1.0 - noise);
            let phase = (t * 0.1 + f64::from(synapse)).sin();
            let jump = if 2 * row > rows { 0.5 } else { 0.0 };
            let m = 0.1 * phase + jump;
            let row = [
                noise - 0.5 + jump,
                m,
                10.0 + phase,
                -1e-3 * m,
                0.3 * phase,
                0.2 * phase + 0.1,
                0.25 * phase,
                m * 0.9,
                9.0,
            ];
            for value in row {
                write!(text, ",{value}").unwrap();
            }
        }
    }
    text
}

pub fn metrics(rows: usize) -> String {
    let mut text = String::from(
        "time_s,presentation,epoch,loss,online_accuracy,test_loss,test_accuracy,\
         l2.angle_deg,l2.relative_difference,l2.error_angle_deg,\
         l3.angle_deg,l3.relative_difference,l3.error_angle_deg\n",
    );
    for row in 0..rows {
        let x = row as f64 / rows as f64;
        let (loss, accuracy) = (2.3 * (-4.0 * x).exp() + 0.05, 0.98 - 0.88 * (-6.0 * x).exp());
        let test = if row % 2 == 0 { format!("{},{}", loss * 1.1, accuracy - 0.01) } else { ",".to_owned() };
        let fall = (-3.0 * x).exp();
        writeln!(
            text,
            "{},{},{},{loss},{accuracy},{test},{},{},{},{},{},{}",
            row * 14,
            row * 140,
            row / 10,
            90.0 * fall,
            1.4 * fall,
            70.0 * fall,
            80.0 * fall,
            1.2 * fall,
            60.0 * fall
        )
        .unwrap();
    }
    text
}

pub fn weights(dir: &Path, file: &str, noise: f64) {
    let array = |seed: f64| -> Vec<u8> {
        (0..60)
            .flat_map(|i| ((f64::from(i) * 0.7).sin() + noise * (f64::from(i) * seed).cos()).to_le_bytes())
            .collect()
    };
    let (w, b) = (array(1.3), array(2.9));
    let view =
        |bytes| safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![6, 10], bytes).unwrap();
    let views = [("l2.w", view(&w)), ("l2.b", view(&b)), ("l1.w", view(&w))];
    fs::write(dir.join(file), safetensors::serialize(views, None).unwrap()).unwrap();
}

/// Pixels of a figure near `color`, within the given parts of its width and height.
pub fn count(path: &Path, color: Color, x: (f64, f64), y: (f64, f64)) -> usize {
    let image = image::open(path).unwrap().to_rgb8();
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    image
        .enumerate_pixels()
        .filter(|(px, py, _)| {
            let (px, py) = (f64::from(*px) / width, f64::from(*py) / height);
            (x.0..x.1).contains(&px) && (y.0..y.1).contains(&py)
        })
        .filter(|(_, _, pixel)| {
            let near = |a: u8, b: u8| a.abs_diff(b) < 40;
            near(pixel[0], color.0) && near(pixel[1], color.1) && near(pixel[2], color.2)
        })
        .count()
}
