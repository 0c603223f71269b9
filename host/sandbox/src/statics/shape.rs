//! What the rules look at: sums over all core modules of a file, and what stands around them.

/// What the rules look at. Where it matters, only live functions are counted: those that an export, the
/// start, an element of a table or a global leads to. So code that nobody can call dilutes nothing.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Functions defined, live or not.
    pub(super) functions: u64,
    /// Their instructions.
    pub(super) instructions: u64,
    /// Instructions of live functions.
    pub(super) live_instructions: u64,
    /// Bytes of live functions.
    pub(super) live_code_bytes: u64,
    /// Sum of maintainability index x instructions over live functions.
    pub(super) weighted_maintainability: f64,
    /// Functions that nothing leads to.
    pub(super) dead_functions: u64,
    /// Their instructions, and one for each for being there.
    pub(super) dead_instructions: u64,
    /// Live functions that are too long.
    pub(super) huge_functions: u64,
    /// The instructions by which they are.
    pub(super) huge_excess: u64,
    /// Live functions that nest deeply.
    pub(super) deep_functions: u64,
    /// Their instructions that lie so deep.
    pub(super) deep_instructions: u64,
    /// Live functions that equal another one.
    pub(super) twin_functions: u64,
    /// Their instructions.
    pub(super) twin_instructions: u64,
    /// `unreachable` in live functions.
    pub(super) unreachables: u64,
    /// Indirect calls in live functions.
    pub(super) indirect_calls: u64,
    /// Instructions of live functions that change a table.
    pub(super) table_writes: u64,
    /// Live instructions of modules without names for their functions.
    pub(super) nameless_instructions: u64,
    /// Functions that core modules import, and instances that the file imports.
    pub(super) imports: u64,
    /// Those of them that nothing live uses.
    pub(super) unused_imports: u64,
    /// Bytes of data segments.
    pub(super) data_bytes: u64,
    /// Memories defined without a maximum.
    pub(super) unbounded_memories: u64,
    /// Tables exported that can grow.
    pub(super) growable_tables: u64,
    /// Globals exported that can be written.
    pub(super) writable_globals: u64,
    /// Core modules with a start function.
    pub(super) starts: u64,
    /// Core instances that running it makes.
    pub(super) core_instances: u64,
    /// Imports of the file that reach for files.
    pub(super) files: u64,
    /// Imports of the file that reach for the network.
    pub(super) network: u64,
    /// Imports of the file that ask for the time.
    pub(super) clocks: u64,
    /// Imports of the file that ask for entropy.
    pub(super) entropy: u64,
    /// Imports of the file that have the host compute.
    pub(super) accelerator: u64,
    /// Imports of the file that are neither WASI's base nor the host's own.
    pub(super) foreign: u64,
    /// Sections that say which tools made it.
    pub(super) producers: u64,
    /// Sections that say which version it is.
    pub(super) versions: u64,
    /// Sections of debug information.
    pub(super) debug_sections: u64,
}

/// What an import of a file reaches for, by the starts of its interface (or module) and its function: the
/// first row that fits names it.
const REACHES: [(&str, &str, Reach); 16] = [
    ("wasi:filesystem/", "", Reach::Files),
    ("wasi:sockets/", "", Reach::Network),
    ("wasi:http/", "", Reach::Network),
    ("wasi:tls/", "", Reach::Network),
    ("wasi:clocks/", "", Reach::Clocks),
    ("wasi:random/", "", Reach::Entropy),
    ("wasi:cli/", "", Reach::Nothing),
    ("wasi:io/", "", Reach::Nothing),
    ("holobiont:plugin/accelerator", "", Reach::Accelerator),
    ("holobiont:plugin/", "", Reach::Nothing),
    ("wasi_snapshot_preview1", "path_", Reach::Files),
    ("wasi_snapshot_preview1", "fd_readdir", Reach::Files),
    ("wasi_snapshot_preview1", "sock_", Reach::Network),
    ("wasi_snapshot_preview1", "clock_", Reach::Clocks),
    ("wasi_snapshot_preview1", "random_", Reach::Entropy),
    ("wasi_snapshot_preview1", "", Reach::Nothing),
];

#[derive(Clone, Copy)]
enum Reach {
    Files,
    Network,
    Clocks,
    Entropy,
    Accelerator,
    Nothing,
}

impl Shape {
    /// Notes what an import of the file itself reaches for; an interface has no function beside it. Names
    /// are looked at in place: many imports may share one long name of a module.
    pub(super) fn note_import(&mut self, interface: &str, function: &str) {
        let row = REACHES.iter().find(|row| interface.starts_with(row.0) && function.starts_with(row.1));
        let count = match row.map(|row| row.2) {
            Some(Reach::Files) => &mut self.files,
            Some(Reach::Network) => &mut self.network,
            Some(Reach::Clocks) => &mut self.clocks,
            Some(Reach::Entropy) => &mut self.entropy,
            Some(Reach::Accelerator) => &mut self.accelerator,
            Some(Reach::Nothing) => return,
            None => &mut self.foreign,
        };
        *count += 1;
    }

    /// How many of something there are for every 1,000 live instructions. Below 1,000 it is the number
    /// itself: one oddity in ten instructions is still one.
    pub(super) fn per_kilo(&self, count: u64) -> f64 {
        count as f64 * 1_000.0 / self.live_instructions.max(1_000) as f64
    }
}

/// A part of a whole; nothing of nothing is nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
