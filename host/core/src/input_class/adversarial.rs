//! Inputs that are made to make programs slow or wrong.

use crate::random::Draws;

/// A pattern is at most so long, in bytes.
pub(super) const PATTERN_MOST: usize = 64 << 10;

/// Makes a pattern of at most [`PATTERN_MOST`] bytes.
pub(super) type Pattern = fn(&mut Draws) -> Vec<u8>;

/// The patterns, each as likely as the others.
pub(super) const PATTERNS: [Pattern; 8] =
    [run, nesting, long_line, numbers, lookalikes, unsortable, all_pairs, incompressible];

/// A seeded pattern: alone, or in the input at the beginning of a line, where programs get to see it that turn away
/// what does not begin as it should.
pub(super) fn adversarial(nominal: &[u8], draws: &mut Draws) -> Vec<u8> {
    let pattern = draws.pick(&PATTERNS).map_or_else(Vec::new, |pattern| pattern(draws));
    let mut output = if draws.below(2) == 0 {
        pattern
    } else {
        let (before, after) = nominal.split_at(line_start(nominal, draws));
        [before, &pattern, after].concat()
    };
    if output == nominal {
        output.push(0);
    }
    output
}

/// Where the line begins that follows a seeded place; the end, if none does.
fn line_start(text: &[u8], draws: &mut Draws) -> usize {
    let place = draws.place(text.len());
    let rest = text.get(place..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| place + end + 1)
}

/// One byte over and over: what takes squares of lengths to find matches, or ever more room for a count.
fn run(draws: &mut Draws) -> Vec<u8> {
    let byte = draws.pick(b"\0\n\"\\ ,a0\xff").copied().unwrap_or_default();
    vec![byte; PATTERN_MOST]
}

/// Brackets in brackets, closed or not: what takes stack where programs go down with them.
fn nesting(draws: &mut Draws) -> Vec<u8> {
    let kinds = [("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("<a>", "</a>"), ("[{\"a\":", "}]")];
    let (open, close) = draws.pick(&kinds).copied().unwrap_or(("[", "]"));
    if draws.below(3) == 0 {
        return open.repeat(PATTERN_MOST / open.len()).into_bytes();
    }
    let depth = (PATTERN_MOST - 2) / (open.len() + close.len());
    [open.repeat(depth).as_str(), "0", &close.repeat(depth), "\n"].concat().into_bytes()
}

/// A line that is longer than any buffer of lines.
fn long_line(draws: &mut Draws) -> Vec<u8> {
    let mut line = draws.bytes(PATTERN_MOST);
    for byte in &mut line {
        // Letters, and a separator here and there.
        *byte = match *byte % 64 {
            0 => b',',
            letter => b'a' + letter % 26,
        };
    }
    if let Some(last) = line.last_mut() {
        *last = b'\n';
    }
    line
}

/// Numbers at the limits of the types that programs read them into, and next to them.
pub(super) const NUMBERS: [&str; 34] = [
    "0",
    "-0",
    "-0.0",
    "+1",
    "00012",
    "127",
    "-129",
    "65536",
    "2147483647",
    "-2147483648",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "1e309",
    "-1e309",
    "2.2250738585072014e-308",
    "5e-324",
    "1e-400",
    "NaN",
    "-nan",
    "Infinity",
    "-inf",
    "0x7fffffffffffffff",
    "1_000",
    "1,5",
    "1e",
];

/// Such numbers as lines, rows or a list of JSON, and one with very many digits.
fn numbers(draws: &mut Draws) -> Vec<u8> {
    let separator = draws.pick(&["\n", ",", ", ", "\t"]).copied().unwrap_or("\n");
    let mut numbers: Vec<String> = NUMBERS.iter().map(ToString::to_string).collect();
    numbers.push("9".repeat(1 + draws.place(4096)));
    numbers.push(format!("0.{}1", "0".repeat(draws.place(4096))));
    draws.shuffle(&mut numbers);
    let list = numbers.join(separator);
    if separator == ", " { format!("[{list}]\n") } else { format!("{list}\n") }.into_bytes()
}

/// What looks like one thing and is read as another: quotes that do not close, separators and line ends in fields,
/// cells that are formulas, keys there twice or with a meaning, escapes that are none, places and orders in text.
const LOOKALIKES: [&str; 26] = [
    "\"",
    "\"\"\"",
    "a,\"b",
    "a,b\",c",
    "\"a\"b,c",
    "\"a\nb\",\"c\r\nd\"",
    "a\rb",
    ",,,,,,,,",
    "a;b\tc|d",
    "=1+1",
    "+1-1",
    "@SUM(A1:A9)",
    "\u{feff}a,b",
    "{\"a\":1,\"a\":2}",
    "{\"__proto__\":{\"a\":1}}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":1,}",
    "[1,,2]",
    "]}",
    "null",
    "'; DROP TABLE a; --",
    "../../../../etc/passwd",
    "%s%s%n",
    "${a}{{a}}<a href=\"b\">",
    "a\u{202e}b\u{200b}c\u{0301}\u{0301}",
];

/// Such records in a seeded order.
fn lookalikes(draws: &mut Draws) -> Vec<u8> {
    let mut records = LOOKALIKES;
    draws.shuffle(&mut records);
    let end = draws.pick(&["\n", "\r\n"]).copied().unwrap_or("\n");
    records.iter().flat_map(|record| [record.as_bytes(), end.as_bytes()].concat()).collect()
}

/// Orders that are the worst for some way of sorting: numbers by lines for those that sort records, and texts with
/// long repeats for those that sort suffixes.
fn unsortable(draws: &mut Draws) -> Vec<u8> {
    // With six digits and a line end each.
    const LINES: u32 = (PATTERN_MOST / 7) as u32;
    // An even number, else the pattern has numbers twice.
    const HALF: u32 = LINES / 4 * 2;
    let lines = |order: &dyn Fn(u32) -> u32| (0..LINES).map(|n| format!("{:06}\n", order(n))).collect::<String>();
    match draws.below(6) {
        0 => lines(&|n| n),
        1 => lines(&|n| LINES - n),
        // Up and down again.
        2 => lines(&|n| n.min(LINES - n)),
        // Median of three: Musser, Introspective sorting and selection algorithms (Software 27, 1997).
        3 => lines(&|n| match n {
            n if n >= 2 * HALF => n + 1,
            n if n >= HALF => (n - HALF) * 2 + 2,
            n if n % 2 == 0 => n + 1,
            n => HALF + n,
        }),
        4 => fibonacci_word(),
        _ => "ab".repeat(PATTERN_MOST / 2 - 1) + "b\n",
    }
    .into_bytes()
}

/// The word of which each is the one before and the one before that: everything in it repeats, and nothing with a
/// period.
fn fibonacci_word() -> String {
    let (mut before, mut word) = ("b".to_owned(), "a".to_owned());
    while word.len() + before.len() <= PATTERN_MOST {
        let next = format!("{word}{before}");
        before = std::mem::replace(&mut word, next);
    }
    word
}

/// Every pair of bytes once, with their names exchanged by seed: no context of one byte tells the next. A de Bruijn
/// sequence, as the Lyndon words of one and two bytes one after the other.
fn all_pairs(draws: &mut Draws) -> Vec<u8> {
    let mut names: Vec<u8> = (0..=u8::MAX).collect();
    draws.shuffle(&mut names);
    let mut sequence = Vec::with_capacity(PATTERN_MOST);
    for (place, first) in names.iter().enumerate() {
        sequence.push(*first);
        sequence.extend(names.iter().skip(place + 1).flat_map(|second| [*first, *second]));
    }
    sequence
}

/// Bytes without any order, which no compressor makes shorter.
fn incompressible(draws: &mut Draws) -> Vec<u8> {
    draws.bytes(PATTERN_MOST)
}
