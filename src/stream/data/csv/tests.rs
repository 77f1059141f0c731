//! Tests of the reader on crafted tables.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::PathBuf;

use super::*;
use crate::stream::data::spec::{Column, Output, Scaling};

/// A folder with a table in it.
struct Written {
    folder: tempfile::TempDir,
    spec: CsvSpec,
}

fn name(name: &str) -> Column {
    Column::Name(name.to_owned())
}

/// The table, to be split in halves, with a class in column `label`, unscaled.
fn written(text: impl AsRef<[u8]>) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).unwrap();
    let spec = CsvSpec {
        path,
        test: TestPart::Split { fraction: Some(0.5), seed: 0 },
        header: true,
        inputs: None,
        output: Output::Label(name("label")),
        scaling: Scaling::None,
    };
    Written { folder, spec }
}

impl Written {
    fn with(mut self, change: impl FnOnce(&mut CsvSpec)) -> Self {
        change(&mut self.spec);
        self
    }

    /// Another file to test on.
    fn tested_on(mut self, text: &str) -> Self {
        let path = self.folder.path().join("other.csv");
        std::fs::write(&path, text).unwrap();
        self.spec.test = TestPart::File(path);
        self
    }

    fn load(&self) -> (Samples, Samples) {
        load(&self.spec, None, None).unwrap()
    }

    /// What is said against it, without the folder.
    fn complaint(&self) -> String {
        let message = load(&self.spec, None, None).unwrap_err().to_string();
        message.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// Inputs and targets of all samples.
fn contents(samples: &Samples) -> Vec<(Vec<f64>, Vec<f64>)> {
    let sample = |k| {
        let (mut x, mut y) = (vec![0.0; samples.width()], vec![0.0; samples.target_width()]);
        samples.sample_into(k, &mut x, &mut y);
        (x, y)
    };
    (0..samples.len()).map(sample).collect()
}

/// Both parts together, sorted by the first input.
fn all((train, test): &(Samples, Samples)) -> Vec<(Vec<f64>, Vec<f64>)> {
    let mut all = [contents(train), contents(test)].concat();
    all.sort_by(|a, b| a.0[0].total_cmp(&b.0[0]));
    all
}

const PLAIN: &str = "a,label,b\n1,0,-0.5\n2,2,1e3\n3,1,0\n4,0,7\n";

#[test]
fn rows_become_samples_whatever_the_spelling() {
    let one_hot = |class: usize| (0..3).map(|k| f64::from(u8::from(k == class))).collect::<Vec<_>>();
    let expected = vec![
        (vec![1.0, -0.5], one_hot(0)),
        (vec![2.0, 1e3], one_hot(2)),
        (vec![3.0, 0.0], one_hot(1)),
        (vec![4.0, 7.0], one_hot(0)),
    ];
    assert_eq!(all(&written(PLAIN).load()), expected);
    let spelled =
        "\u{feff}\"a\" , label,\"b\"\r\n\r\n 1,0.0,-5e-1\r\n\"2\",2,1000\r\n3,1,0\r\n+4.0, 0 ,\"7\"";
    assert_eq!(all(&written(spelled).load()), expected);
    let headless = written(PLAIN.split_once('\n').unwrap().1).with(|spec| {
        spec.header = false;
        spec.output = Output::Label(Column::Index(1));
    });
    assert_eq!(all(&headless.load()), expected);
}

#[test]
fn inputs_and_targets_come_in_the_order_in_which_they_are_named() {
    let regression = written(PLAIN).with(|spec| {
        spec.output = Output::Targets(vec![name("b"), name("label")]);
    });
    let samples = regression.load();
    assert_eq!(samples.0.label(0), None);
    assert_eq!(all(&samples)[1], (vec![2.0], vec![1e3, 2.0]));
    let chosen = written(PLAIN).with(|spec| spec.inputs = Some(vec![Column::Index(2), name("a")]));
    assert_eq!(all(&chosen.load())[3].0, [1e3, 2.0]);
}

#[test]
fn names_become_classes_in_sorted_order() {
    let names = "a,label\n1,setosa\n2,\"iris, blue\"\n3,virginica\n4,setosa\n";
    let class = |k: usize| {
        let (_, y) = &all(&written(names).load())[k];
        y.iter().position(|y| *y == 1.0).unwrap()
    };
    assert_eq!([0, 1, 2, 3].map(class), [1, 0, 2, 1]);
}

/// 60 samples of class 0, 30 of class 1, 10 of class 2, sorted by class.
fn many() -> String {
    (0..100).fold("a,label\n".to_owned(), |mut text, k| {
        writeln!(text, "{k},{}", if k < 60 { 0 } else { usize::from(k < 90) + 2 * usize::from(k >= 90) })
            .unwrap();
        text
    })
}

#[test]
fn a_split_is_stratified_and_from_its_seed() {
    let split = |fraction, seed, test| {
        let table = written(many()).with(|spec| spec.test = TestPart::Split { fraction, seed });
        load(&table.spec, None, test).unwrap()
    };
    let (train, test) = split(Some(0.2), 0, None);
    assert_eq!((train.len(), test.len()), (80, 20));
    let of_class =
        |samples: &Samples, class| (0..samples.len()).filter(|k| samples.label(*k) == Some(class)).count();
    assert_eq!([0, 1, 2].map(|class| of_class(&test, class)), [12, 6, 2]);
    assert!(all(&(train.clone(), test.clone())).iter().map(|(x, _)| x[0]).eq((0..100).map(f64::from)));
    assert_eq!(split(None, 0, Some(20)), (train.clone(), test));
    assert_ne!(split(Some(0.2), 1, None).0, train);
}

#[test]
fn scaling_is_fitted_on_the_samples_to_train_on() {
    let table = "a,c,y\n0,5,10\n4,5,30\n100,5,20\n".to_owned();
    let test = "a,c,y\n8,6,50\n-4,5,20\n";
    let scaled = |scaling, train| {
        let table = written(&table).tested_on(test).with(|spec| {
            spec.scaling = scaling;
            spec.output = Output::Targets(vec![name("y")]);
        });
        let (train, test) = load(&table.spec, Some(train), None).unwrap();
        (contents(&train), contents(&test))
    };
    let (train, test) = scaled(Scaling::Standardize, 2);
    assert_eq!(train, [(vec![-1.0, 0.0], vec![-1.0]), (vec![1.0, 0.0], vec![1.0])]);
    assert_eq!(test, [(vec![3.0, 0.0], vec![3.0]), (vec![-3.0, 0.0], vec![0.0])]);
    let (train, test) = scaled(Scaling::MinMax, 3);
    assert_eq!(train[1], (vec![0.04, 0.0], vec![1.0]));
    assert_eq!(test, [(vec![0.08, 0.0], vec![2.0]), (vec![-0.04, 0.0], vec![0.5])]);
}

#[test]
fn classes_of_two_files_are_those_of_both() {
    let (train, test) = written(PLAIN).tested_on("a,label,b\n1,4,1\n").load();
    assert_eq!((train.len(), test.len()), (4, 1));
    assert_eq!((train.target_width(), test.target_width()), (5, 5));
}

#[test]
fn broken_tables_are_refused_with_line_and_column() {
    let many_names = (0..10_001).fold("label,a\n".to_owned(), |text, k| text + &format!("n{k},1\n"));
    let targets = |columns: &[&str]| Output::Targets(columns.iter().map(|column| name(column)).collect());
    let tables = [
        ("empty", written("")),
        ("blank lines", written("\n\n")),
        ("header only", written("a,label\n")),
        ("one row", written("a,label\n1,0\n")),
        ("short row", written("a,label\n1,0\n\n\n2\n")),
        ("long row", written("a,label\n1,0\n2,1,3\n")),
        ("empty cell", written("a,label\n1,0\n ,1\n")),
        ("empty label", written("a,label\n1,0\n2,\n")),
        ("nan", written("a,label\n1,0\nNaN,1\n")),
        ("inf", written("a,label\n1,0\n-inf,1\n")),
        ("too large", written("a,label\n1,0\n2e200,1\n")),
        ("text", written("a,label\n1,0\n\n\"1\n2\",1\nlow,1\n")),
        ("comma for point", written("a,label\n\"1,5\",0\n")),
        ("semicolons", written("a;label\n1;0\n")),
        ("not UTF-8", written(b"a,label\n1,0\n2,\xff\n")),
        (
            "header in a headless table",
            written(PLAIN).with(|spec| {
                spec.header = false;
                spec.output = Output::Label(Column::Index(1));
            }),
        ),
        ("negative label", written("a,label\n1,0\n2,-1\n")),
        ("fractional label", written("a,label\n1,0.5\n2,1\n")),
        ("huge label", written("a,label\n1,0\n2,10000\n")),
        ("nan label", written("a,label\n1,0\n2,nan\n")),
        ("name among numbers", written("a,label\n1,0\n2,one\n")),
        ("number among names", written("a,label\n1,one\n2,0\n")),
        ("too many names", written(many_names)),
        (
            "missing column",
            written("length,species\n1,0\n").with(|spec| spec.output = Output::Label(name("Spezies"))),
        ),
        ("missing column, none near", written("length,species\n1,0\n")),
        ("place beyond", written(PLAIN).with(|spec| spec.output = Output::Label(Column::Index(3)))),
        ("ambiguous name", written("a,label,label\n1,0,0\n")),
        ("target twice", written(PLAIN).with(|spec| spec.output = targets(&["a", "b", "a"]))),
        (
            "target as input",
            written(PLAIN).with(|spec| {
                spec.output = targets(&["a"]);
                spec.inputs = Some(vec![name("b"), Column::Index(0)]);
            }),
        ),
        ("all predicted", written(PLAIN).with(|spec| spec.output = targets(&["a", "b", "label"]))),
        ("other width", written(PLAIN).tested_on("a,label\n1,0\n")),
        ("other names", written(PLAIN).tested_on("a,b,label\n1,0,0\n")),
        ("broken test file", written(PLAIN).tested_on("a,label,b\n1,0,x\n")),
        ("empty test file", written(PLAIN).tested_on("a,label,b\n")),
        ("unknown name", written("a,label\n1,x\n2,y\n").tested_on("a,label\n1,x\n2,z\n")),
    ];
    let complaints = tables.map(|(what, table)| format!("# {what}\n{}\n", table.complaint()));
    insta::assert_snapshot!(complaints.join("\n"));
}

#[test]
fn a_missing_file_is_named() {
    let message = written("").with(|spec| spec.path = PathBuf::from("nowhere/table.csv")).complaint();
    assert!(message.starts_with("nowhere/table.csv: cannot be read"), "{message}");
}

#[test]
fn more_samples_to_test_on_than_there_are_is_refused() {
    let table = written(PLAIN).with(|spec| spec.test = TestPart::Split { fraction: None, seed: 0 });
    let message = load(&table.spec, None, Some(4)).unwrap_err().to_string();
    assert!(message.contains("set data.test to between 1 and 3"), "{message}");
    assert_eq!(load(&table.spec, None, Some(3)).unwrap().1.len(), 3);
}
