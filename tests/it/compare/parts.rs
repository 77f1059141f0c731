//! Variations, names, and statistics against tables and numbers computed by hand.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use synaptode::compare::plan::{Plan, plan};
use synaptode::compare::statistics::{Summary, paired};
use synaptode::compare::student::two_sided;
use synaptode::compare::vary::{Axis, parse, product};

fn axes(texts: &[&str]) -> Vec<Axis> {
    parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
}

fn values(text: &str) -> Vec<String> {
    Axis::parse(text).unwrap().values
}

fn planned(inputs: &[&str], vary: &[&str]) -> Plan {
    let inputs: Vec<PathBuf> = inputs.iter().map(PathBuf::from).collect();
    plan(&inputs, &[], &axes(vary), Path::new("output/compared")).unwrap()
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.runs.iter().map(|run| run.name.as_str()).collect()
}

#[test]
fn values_are_split_at_commas_outside_of_brackets_and_quotes() {
    assert_eq!(values("synapse.rule=bio-adam, adam,sgd"), ["bio-adam", "adam", "sgd"]);
    assert_eq!(values("network.layers=[64,32,10],[64,10]"), ["[64,32,10]", "[64,10]"]);
    assert_eq!(values("x=[[1,2],[3]],{a=1,b=[2,3]}"), ["[[1,2],[3]]", "{a=1,b=[2,3]}"]);
    assert_eq!(values(r#"x="a,b",'c,"d',"e\",f""#), [r#""a,b""#, r#"'c,"d'"#, r#""e\",f""#]);
    assert_eq!(values(r#"x="a\\",b"#), [r#""a\\""#, "b"]);
    assert_eq!(values("protocol.signal.path=../a.csv,../b.csv"), ["../a.csv", "../b.csv"]);
}

#[test]
fn ranges_include_both_ends() {
    assert_eq!(values("seed=0..4"), ["0", "1", "2", "3", "4"]);
    assert_eq!(values("seed=7..7"), ["7"]);
    assert_eq!(values("x=-1..1,5"), ["-1", "0", "1", "5"]);
}

#[test]
fn wrong_variations_are_refused_with_a_remedy() {
    for (text, reason) in [
        ("seed", "no `=`"),
        ("=1", "does not start with a key"),
        ("x=", "empty value"),
        ("x=1,,2", "empty value"),
        ("x=[1,2", "without its partner"),
        ("x=1]", "without its partner"),
        ("x=[1}", "without its partner"),
        ("x=\"a", "without its partner"),
        ("seed=4..0", "is empty"),
        ("seed=0..10000", "more than"),
        ("seed=-9223372036854775808..9223372036854775807", "more than"),
        ("seed=0..2,1", "`1` appears twice"),
    ] {
        let error = Axis::parse(text).unwrap_err();
        assert!(error.reason.contains(reason) && error.remedy.contains("--vary"), "{text}: {error}");
    }
    let parsed = |texts: [&str; 2]| parse(&texts.map(str::to_owned)).unwrap_err();
    assert!(parsed(["seed=1", "seed=2"]).reason.contains("twice"));
    assert!(parsed(["seed=0..999", "x=0..999"]).reason.contains("combine"));
}

proptest! {
    #[test]
    fn any_values_come_back(
        numbers in prop::collection::hash_set(-99i64..99, 1..6),
        lists in prop::collection::hash_set(prop::collection::vec(0u8..9, 0..4), 0..4),
        words in prop::collection::hash_set("[a-z][a-z-]{0,6}", 0..4),
    ) {
        let mut all: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        all.extend(lists.iter().map(|list| format!("{list:?}")));
        all.extend(words);
        prop_assert_eq!(values(&format!("key={}", all.join(","))), all.clone());
        prop_assert_eq!(values(&format!("key={}", all.join(" , "))), all);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,40}") {
        let _ = Axis::parse(&text);
        let _ = Axis::parse(&format!("key={text}"));
    }

    #[test]
    fn every_name_is_a_directory_of_its_own(values in prop::collection::hash_set("[ -~à-ü]{1,12}", 2..8)) {
        let quoted: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        let text = format!("key={}", quoted.join(","));
        let plan = planned(&["a.toml"], &[&text]);
        let distinct: HashSet<&str> = names(&plan).into_iter().collect();
        prop_assert_eq!(distinct.len(), values.len());
        for run in &plan.runs {
            prop_assert!(run.directory.parent() == Some(Path::new("output/compared")), "{:?}", run.directory);
            prop_assert!(run.name.len() <= 160 && !run.name.contains([':', '*', '?', '<', '>', '|', '\\', '/']));
        }
    }
}

#[test]
fn keys_combine_in_every_way() {
    let combined = product(&axes(&["a=1,2", "b=x,y,z"]));
    let written: Vec<String> = combined
        .iter()
        .map(|keys| keys.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]).collect())
        .collect();
    assert_eq!(written, ["a1bx", "a1by", "a1bz", "a2bx", "a2by", "a2bz"]);
    assert_eq!(product(&[]), [Vec::new()]);
}

#[test]
fn runs_are_named_by_what_varies() {
    let plan = planned(&["configs/a.toml"], &["synapse.rule=adam,sgd", "seed=0..1"]);
    assert_eq!(plan.keys, ["synapse.rule"]);
    assert_eq!(plan.runs[3].name, "synapse.rule=sgd,seed=1");
    assert_eq!((plan.runs[3].label().as_str(), plan.runs[3].seed), ("synapse.rule=sgd", Some(1)));

    let plan = planned(&["configs/a.toml", "configs/b.toml"], &["seed=3"]);
    assert_eq!((plan.keys.clone(), names(&plan)), (vec!["config".to_owned()], vec!["a,seed=3", "b,seed=3"]));
    assert_eq!(plan.runs[1].label(), "b");

    let plan = planned(&["x/a.toml", "y/a.toml"], &[]);
    assert_eq!(names(&plan), ["x_a.toml", "y_a.toml"], "files of one name are told apart by their paths");

    let plan = planned(&["a.toml"], &["data.path=\"../a b\",/c", "network.layers=[64,10],[64,32,10]"]);
    assert_eq!(plan.runs[0].name, "data.path=.._ab,network.layers=[64,10]");
    assert_eq!(plan.runs[3].name, "data.path=_c,network.layers=[64,32,10]");

    let long = ["x".repeat(300), "x".repeat(299) + "y"].join(",");
    let plan = planned(&["a.toml"], &[&format!("key={long}")]);
    assert!(names(&plan).iter().all(|name| name.len() == 150) && names(&plan)[0] != names(&plan)[1]);
}

/// t(0.975, nu) for nu = 1 to 30, as printed in tables.
const T_975: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

#[test]
fn quantiles_of_t_are_those_of_the_tables() {
    for (index, expected) in T_975.iter().enumerate() {
        let t = two_sided(0.95, index + 1);
        assert!((t - expected).abs() <= 0.5e-3 + 1e-9, "nu = {}: {t}, not {expected}", index + 1);
    }
    for (probability, nu, expected) in [
        (0.99, 1, 63.657),
        (0.99, 5, 4.032),
        (0.99, 10, 3.169),
        (0.90, 1, 6.314),
        (0.90, 30, 1.697),
        (0.95, 120, 1.980),
        (0.95, 1000, 1.962),
        (0.50, 2, 0.816),
    ] {
        let t = two_sided(probability, nu);
        assert!((t - expected).abs() <= 0.5e-3 + 1e-9, "{probability}, {nu}: {t}, not {expected}");
    }
    // In closed form: tan(0.95 pi/2) for one, and 0.95 sqrt(2 / (1 - 0.95^2)) for two degrees of freedom.
    assert!((two_sided(0.95, 1) / (0.475 * std::f64::consts::PI).tan() - 1.0).abs() < 1e-12);
    assert!((two_sided(0.95, 2) / (0.95 * (2.0 / (1.0 - 0.9025_f64)).sqrt()) - 1.0).abs() < 1e-12);
    assert!(two_sided(0.95, 0).is_nan() && two_sided(1.0, 3).is_nan());
}

#[test]
fn paired_differences_are_as_by_hand() {
    let first = BTreeMap::from([(0, 0.90), (1, 0.92), (2, 0.94), (7, 0.1)]);
    let other = BTreeMap::from([(0, 0.93), (1, 0.93), (2, 0.99), (5, 0.5)]);
    // Over the common seeds 0.03, 0.01, 0.05: mean 0.03, sd 0.02, and t(0.975, 2) = 4.30265.
    let differences = paired(&first, &other).unwrap();
    assert_eq!(differences.n, 3);
    assert!((differences.mean - 0.03).abs() < 1e-12);
    assert!((differences.sd.unwrap() - 0.02).abs() < 1e-12);
    assert!((differences.half_width().unwrap() - 4.302_653 * 0.02 / 3.0_f64.sqrt()).abs() < 1e-7);
    // The spread from seed to seed does not enter: equal differences have no spread at all.
    let shifted: BTreeMap<u64, f64> = first.iter().map(|(seed, value)| (*seed, value + 0.25)).collect();
    assert!(paired(&first, &shifted).unwrap().half_width().unwrap() < 1e-12);

    let single = paired(&BTreeMap::from([(3, 1.0)]), &BTreeMap::from([(3, 1.5)])).unwrap();
    assert_eq!((single.n, single.mean, single.sd, single.half_width()), (1, 0.5, None, None));
    assert_eq!(paired(&BTreeMap::from([(0, 1.0)]), &BTreeMap::from([(1, 1.0)])), None);
    assert_eq!(Summary::of(&[]), None);
    let summary = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
    assert!((summary.mean, (summary.sd.unwrap().powi(2) - 32.0 / 7.0).abs() < 1e-12) == (5.0, true));
}
