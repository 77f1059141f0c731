//! Networks that start from a file of named arrays.

use crate::program::{Folder, SMALL};

fn from(init: &str) -> String {
    SMALL.replace("layers = [64, 8, 10]", &format!("layers = [64, 8, 10]\ninit = \"{init}\""))
}

#[test]
fn a_network_starts_where_another_run_ended_and_elsewhere_as_usual() {
    let folder = Folder::new(&[
        ("first.toml", SMALL),
        ("same.toml", &from("output/small/weights.safetensors")),
        (
            "other.toml",
            &from("output/small/weights.safetensors")
                .replace("[record]", "[synapse]\nrule = \"momentum\"\n[record]"),
        ),
    ]);
    assert!(folder.run(&["-q", "run", "first.toml"]).status.success());
    let ended = std::fs::read(folder.path("output/small/weights.safetensors")).unwrap();
    assert!(folder.run(&["-q", "run", "same.toml", "--output", "same"]).status.success());
    let arrays = |bytes: &[u8]| -> Vec<(String, Vec<u8>)> {
        let file = safetensors::SafeTensors::deserialize(bytes).unwrap();
        let mut arrays: Vec<_> =
            file.tensors().into_iter().map(|(name, tensor)| (name, tensor.data().to_vec())).collect();
        arrays.sort();
        arrays
    };
    let started = std::fs::read(folder.path("same/initial.safetensors")).unwrap();
    assert_eq!(arrays(&started), arrays(&ended));
    // A rule without rho takes what it has.
    assert!(folder.run(&["-q", "run", "other.toml", "--output", "other"]).status.success());
    let started = std::fs::read(folder.path("other/initial.safetensors")).unwrap();
    let ended = arrays(&ended);
    for (name, values) in arrays(&started) {
        assert!(ended.contains(&(name, values)));
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_array() {
    let folder = Folder::new(&[
        ("first.toml", SMALL),
        ("narrow.toml", &from("output/small/weights.safetensors").replace("[64, 8, 10]", "[64, 7, 10]")),
        ("none.toml", &from("first.toml")),
        ("gone.toml", &from("gone.safetensors")),
    ]);
    assert!(folder.run(&["-q", "run", "first.toml"]).status.success());
    for (config, said) in [
        ("narrow.toml", "`l1.w` has shape [8, 64], the network's has [7, 64]"),
        ("none.toml", "is no safetensors file"),
        ("gone.toml", "gone.safetensors"),
    ] {
        for args in [&["-q", "run", config, "--output", "refused"][..], &["-q", "check", config]] {
            let text = folder.fails(1, args);
            let place = format!("{config}:11: `network.init`: ");
            assert!(
                text.contains(said) && text.contains(&place) && text.contains("help: "),
                "{args:?}: {text}"
            );
        }
    }
}

/// Arrays of one value for `l1` of 64-8-10.
fn file_of(name: &str, value: f64) -> Vec<u8> {
    let bytes: Vec<u8> = [value; 8 * 64].iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![8, 64], &bytes).unwrap();
    safetensors::serialize([(name, view)], None).unwrap()
}

#[test]
fn values_that_no_synapse_can_start_from_are_refused_before_the_run() {
    let folder = Folder::new(&[("small.toml", &from("start.safetensors"))]);
    for (rule, name, value, fits) in [
        ("bio-adam", "l1.w", f64::NAN, false),
        ("bio-adam", "l1.m", f64::INFINITY, false),
        ("bio-adam", "l1.rho", 0.0, false),
        ("bio-adam", "l1.rho", 1e-200, false),
        ("bio-adam", "l1.rho", 1e200, false),
        ("bio-adam", "l1.rho", 1e-15, true),
        ("bio-adam", "l1.rho", 1e15, true),
        ("adam", "l1.v", -1e-9, false),
        ("adam", "l1.v", 0.0, true),
    ] {
        std::fs::write(folder.path("start.safetensors"), file_of(name, value)).unwrap();
        let rule = format!("synapse.rule={rule}");
        let short = ["--set", &rule, "--set", "stream.epochs=0.1", "--set", "figures.draw=[]"];
        for args in [&["-q", "check", "small.toml"][..], &["-q", "run", "small.toml", "--force"]] {
            let output = folder.run(&[args, &short].concat());
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.success(), fits, "{name} = {value:?}: {said}");
            let told = said.contains(&format!("`{name}` holds {value:?} at place 0"));
            assert_eq!(told, !fits, "{said}");
        }
        assert_eq!(folder.path("output/small/manifest.json").exists(), fits, "{name} = {value:?}");
        if fits {
            std::fs::remove_dir_all(folder.path("output")).unwrap();
        }
    }
}
