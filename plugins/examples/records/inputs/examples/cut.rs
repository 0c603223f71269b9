//! Cuts the inputs out of the Febrl data sets, as README.md says:
//! `cargo run -p records-inputs --example cut -- <the package's folder datasets/febrl>`.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

/// A file to cut: its name, the data sets, from which person on, and how many records it has at least.
const FILES: [(&str, &[&str], usize, usize); 10] = [
    ("one-duplicate-1.csv", &["dataset1.csv"], 0, 100),
    ("one-duplicate-2.csv", &["dataset1.csv"], 100, 100),
    ("one-duplicate-3.csv", &["dataset1.csv"], 200, 120),
    ("few-duplicates-1.csv", &["dataset2.csv"], 0, 150),
    ("few-duplicates-2.csv", &["dataset2.csv"], 1000, 150),
    ("many-duplicates-1.csv", &["dataset3.csv"], 0, 100),
    ("many-duplicates-2.csv", &["dataset3.csv"], 500, 120),
    ("two-offices-1.csv", &["dataset4a.csv", "dataset4b.csv"], 0, 100),
    ("two-offices-2.csv", &["dataset4a.csv", "dataset4b.csv"], 1000, 120),
    ("two-offices-3.csv", &["dataset4a.csv", "dataset4b.csv"], 2000, 150),
];

/// The set whose records are written as another office might write them.
const OTHER_OFFICE: &str = "dataset4b.csv";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder are the data sets in?")?;
    for (name, sets, first, least) in FILES {
        let text = cut(Path::new(&folder), sets, first, least)?;
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name), text)?;
    }
    Ok(())
}

/// All records of enough people, in the order of the data sets, in which people are numbered as they first
/// occur.
fn cut(folder: &Path, sets: &[&str], first: usize, least: usize) -> Result<String, Box<dyn Error>> {
    let mut header = String::new();
    // A line, and the number of its person.
    let mut lines: Vec<(String, usize)> = Vec::new();
    let mut people = HashMap::new();
    for set in sets {
        let text = std::fs::read_to_string(folder.join(set))?;
        let mut rest = text.lines().filter(|line| !line.trim().is_empty());
        header = rest.next().ok_or("an empty data set")?.to_owned();
        for line in rest {
            let person = line.split('-').nth(1).ok_or("an id without a number")?.to_owned();
            let count = people.len();
            let number = *people.entry(person).or_insert(count);
            let line = if *set == OTHER_OFFICE { written_by_another(line) } else { line.to_owned() };
            lines.push((line, number));
        }
    }
    let mut records = vec![0; people.len()];
    for (_, person) in &lines {
        records[*person] += 1;
    }
    let mut count = 0;
    let enough = records[first..].iter().take_while(|records| {
        let more = count < least;
        count += **records;
        more
    });
    let taken = first..first + enough.count();
    let mut out = format!("{header}\n");
    for (line, _) in lines.iter().filter(|(_, person)| taken.contains(person)) {
        writeln!(out, "{line}")?;
    }
    Ok(out)
}

/// Kinds of streets and the abbreviations of the Australian standard AS 4590, and two more words.
const SHORT: [(&str, &str); 14] = [
    ("avenue", "Ave"),
    ("circuit", "Cct"),
    ("close", "Cl"),
    ("court", "Ct"),
    ("crescent", "Cres"),
    ("drive", "Dr"),
    ("highway", "Hwy"),
    ("mount", "Mt"),
    ("place", "Pl"),
    ("point", "Pt"),
    ("road", "Rd"),
    ("street", "St"),
    ("terrace", "Tce"),
    ("village", "Vlge"),
];

/// A line in another style: words with capitals, surnames and states in capitals altogether, addresses with
/// abbreviations, dates as day/month/year. No letter, digit or mistake is changed otherwise.
fn written_by_another(line: &str) -> String {
    let words = |value: &str, write: &dyn Fn(&str) -> String| value.split(' ').map(write).collect::<Vec<_>>().join(" ");
    let capital = |word: &str| match word.chars().next() {
        Some(first) => first.to_uppercase().chain(word.chars().skip(1)).collect(),
        None => String::new(),
    };
    let short = |word: &str| match SHORT.iter().find(|(long, _)| *long == word) {
        Some((_, short)) => (*short).to_owned(),
        None => capital(word),
    };
    let values = line.split(", ").enumerate().map(|(place, value)| match place {
        1 => words(value, &capital),
        2 | 8 => value.to_uppercase(),
        4..=6 => words(value, &short),
        9 if value.len() == 8 => format!("{}/{}/{}", &value[6..], &value[4..6], &value[..4]),
        _ => value.to_owned(),
    });
    values.collect::<Vec<_>>().join(", ")
}
