//! What the tests share: one sandbox for the process, each module loaded once, and the limits under which
//! the fixtures end soon.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use holobiont_core::{Access, Conditions, DirGrant, Domain, Grants, Limits, Measurement, ModuleId, Outcome, Tunable};
use holobiont_sandbox::{
    Files, Job, Loaded, Member, Module, ModuleKind, Patch, PatchAttempt, PatchContext, PatchTarget, Run, Sandbox,
};
use holobiont_test_guests::{self as guests, Fixture};
use tempfile::TempDir;

/// The sandbox of this process; tests that need one of their own make it.
pub(crate) static SANDBOX: LazyLock<Sandbox> = LazyLock::new(new_sandbox);

/// A further sandbox, set up like that of this process.
pub(crate) fn new_sandbox() -> Sandbox {
    Sandbox::builder().build().expect("a sandbox")
}

/// Held for reading by whatever works, and for writing by tests that look at the clock: on a machine of
/// two cores a neighbour that compiles would be taken for the host's own delay.
static WORK: RwLock<()> = RwLock::new(());

pub(crate) fn working() -> RwLockReadGuard<'static, ()> {
    WORK.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn quiet() -> RwLockWriteGuard<'static, ()> {
    WORK.write().unwrap_or_else(PoisonError::into_inner)
}

/// What loading a fixture's module came to, in the sandbox of this process.
pub(crate) fn load(fixture: &Fixture) -> Loaded {
    load_bytes(fixture.wasm)
}

fn load_bytes(wasm: &'static [u8]) -> Loaded {
    type Memo = Mutex<HashMap<usize, Arc<OnceLock<Loaded>>>>;
    static MEMO: LazyLock<Memo> = LazyLock::new(Memo::default);
    // Fixtures that are acts of one module share its bytes, and so their address.
    let slot = {
        let mut memo = MEMO.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(memo.entry(wasm.as_ptr().addr()).or_default())
    };
    slot.get_or_init(|| load_in(&SANDBOX, wasm)).clone()
}

/// Pipelines that do the same as the fixture and are others to the host: each has a section more.
static DEEP: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let other = |number: u8| [guests::PIPELINE_ECHO.wasm, &[0, 2, 1, number]].concat();
    (b'1'..=b'9').map(other).collect()
});

/// A module for a pipeline to invoke, loaded by the sandbox that is to run it.
pub(crate) fn member(sandbox: &Sandbox, id: &str) -> Member {
    let deep = || id.strip_prefix("deep")?.strip_suffix(".wasm")?.parse::<usize>().ok();
    let wasm: &'static [u8] = match id {
        "candidate.wasm" => guests::CANDIDATE_ECHO.wasm,
        "cat.wasm" => guests::CAT.wasm,
        "command.wasm" => guests::COMMAND_PANICS.wasm,
        "importer.wasm" => guests::IMPORTER_TOUR.wasm,
        "odd.wasm" => guests::WAT_POST_RETURN_OVERWRITES.wasm,
        "pipeline.wasm" => guests::PIPELINE_ECHO.wasm,
        _ => &DEEP[deep().expect("one of them") - 1],
    };
    let loaded = if std::ptr::eq(sandbox, &raw const *SANDBOX) { load_bytes(wasm) } else { load_in(sandbox, wasm) };
    let Loaded::Ready(module) = loaded else { panic!("{id} was refused") };
    Member::new(ModuleId::new(id).expect("an id"), module)
}

/// What an act of the fixture pipeline is given to invoke: no more than it needs, since all are loaded first.
fn invoked_by(act: &str) -> &'static [&'static str] {
    match act {
        "invokes_all" => &["candidate.wasm", "cat.wasm", "odd.wasm", "pipeline.wasm"],
        "invokes_deeply" => &["deep1.wasm", "deep2.wasm"],
        "invokes_in_a_circle" => &["pipeline.wasm", "deep1.wasm"],
        "invokes_itself" => &["pipeline.wasm"],
        "invokes_the_failing" => &["candidate.wasm", "command.wasm", "deep1.wasm"],
        "shares_the_workspace" => &["candidate.wasm", "deep1.wasm"],
        _ => &["candidate.wasm"],
    }
}

/// Loads a fixture's module; one that imports the library, among it.
pub(crate) fn load_in(sandbox: &Sandbox, wasm: &[u8]) -> Loaded {
    let others: Vec<Module> = (wasm == guests::IMPORTER_TOUR.wasm).then(|| library(sandbox)).into_iter().collect();
    sandbox.load_among(wasm, &others).expect("a stranger's bytes are no fault of the host")
}

/// The library that some fixtures import from.
pub(crate) fn library(sandbox: &Sandbox) -> Module {
    match sandbox.load(guests::LIBRARY).expect("a stranger's bytes are no fault of the host") {
        Loaded::Ready(module) => module,
        Loaded::Refused(outcome) => panic!("the library was refused: {outcome}"),
    }
}

/// The module of a fixture that loads.
pub(crate) fn module(fixture: &Fixture) -> Module {
    match load(fixture) {
        Loaded::Ready(module) => module,
        Loaded::Refused(outcome) => panic!("{} was refused: {outcome}", fixture.name),
    }
}

/// What a patcher is told: of a module that is told an act, of one with a parameter of each kind, and of an attempt.
pub(crate) fn patch_context(act: &str, seed: u64) -> PatchContext {
    let id = |path: &str| ModuleId::new(path).expect("an id");
    let tunable = |name: &str, domain, default: &str| Tunable {
        name: name.to_owned(),
        summary: format!("What {name} does."),
        domain,
        default: default.to_owned(),
    };
    let acting = PatchTarget {
        id: id("m/acting.wasm"),
        tunables: vec![tunable("act", Domain::Text, "proposes")],
        current: BTreeMap::from([("act".to_owned(), act.to_owned())]),
    };
    let tunables = vec![
        tunable("whole", Domain::Integer(i64::MIN, i64::MAX), "-1"),
        tunable("number", Domain::Number(-0.5, f64::INFINITY), "0.25"),
        tunable("word", Domain::Choice(vec!["a".to_owned(), String::new()]), "a"),
    ];
    let other = PatchTarget { id: id("m/other.wasm"), tunables, current: BTreeMap::new() };
    let values = BTreeMap::from([("whole".to_owned(), "7".to_owned())]);
    let history = vec![PatchAttempt { id: id("m/other.wasm"), values, gain: -0.125 }];
    PatchContext { targets: vec![acting, other], history, seed }
}

/// Limits under which every fixture ends in a fraction of a second.
pub(crate) fn tight() -> Limits {
    Limits {
        fuel: 40_000_000,
        memory_bytes: 8 << 20,
        time_ns: 1_000_000_000,
        wall_time_ns: 10_000_000_000,
        output_bytes: 64 << 10,
        log_bytes: 16 << 10,
        table_elements: 5_000,
        instances: 24,
        memories: 8,
        handles: 256,
        disk_bytes: 64 << 10,
        host_call_bytes: 256 << 10,
        host_data_bytes: 4 << 20,
        bandwidth_bytes_per_s: 1 << 30,
        accelerators: 0,
    }
}

/// One run of a fixture, to be made as often as is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) fixture: Fixture,
    pub(crate) limits: Limits,
    pub(crate) grants: Grants,
    pub(crate) conditions: Conditions,
    pub(crate) input: Vec<u8>,
    pub(crate) seed: u64,
    /// Gives the run a folder of its own, at /data.
    pub(crate) folder: bool,
    /// What a pipeline may invoke: made for the sandbox that it is first run in.
    pub(crate) members: OnceLock<Vec<Member>>,
}

impl Setup {
    /// The run of a fixture under [`tight`] limits, or under those that it needs to get where it is to fail.
    pub(crate) fn new(fixture: &Fixture) -> Self {
        let mut limits = tight();
        if fixture.name == "candidate_big_stream_write" {
            // It needs the memory for what it is to write, and the fuel to make it.
            limits.memory_bytes = 64 << 20;
            limits.fuel = 200_000_000;
        }
        if fixture.name == "candidate_big_result" {
            (limits.host_call_bytes, limits.host_data_bytes) = (8 << 20, 16 << 20);
        }
        if ["candidate_zero_timers", "importer_calls_without_end"].contains(&fixture.name) {
            // What it spends is nearly all host calls, and those take long in a host that is not optimised.
            limits.fuel = 10_000_000;
        }
        if fixture.name.starts_with("candidate_accelerates") {
            limits.accelerators = 1;
        }
        if fixture.name == "candidate_accelerates_without_end" {
            // It is to be ended by what the products take, and not by the bytes that they move.
            (limits.host_call_bytes, limits.host_data_bytes) = (1 << 20, 64 << 20);
            limits.time_ns = 100_000_000;
        }
        if fixture.name == "command_clocks" {
            limits.time_ns = 2_000_000_000;
        }
        Self {
            fixture: *fixture,
            limits,
            grants: Grants::default(),
            conditions: Conditions::default(),
            input: b"Some input.".to_vec(),
            seed: 7,
            folder: fixture.name.starts_with("files_") && fixture.name != "files_opens_without_grant",
            members: OnceLock::new(),
        }
    }

    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    /// Runs it in the sandbox of this process.
    pub(crate) fn run(&self) -> Came {
        let _working = working();
        match load(&self.fixture) {
            Loaded::Ready(module) => self.run_module(&SANDBOX, &module),
            Loaded::Refused(outcome) => Came::refused(outcome),
        }
    }

    /// Loads and runs it in another sandbox.
    pub(crate) fn run_in(&self, sandbox: &Sandbox) -> Came {
        match load_in(sandbox, self.fixture.wasm) {
            Loaded::Ready(module) => self.run_module(sandbox, &module),
            Loaded::Refused(outcome) => Came::refused(outcome),
        }
    }

    /// Runs it as a module that was loaded.
    pub(crate) fn run_module(&self, sandbox: &Sandbox, module: &Module) -> Came {
        let folder = self.folder.then(|| tempfile::tempdir().expect("a folder"));
        let granted = folder.as_ref().map(|folder| DirGrant {
            host: folder.path().to_str().expect("a path of text").to_owned(),
            guest: "/data".to_owned(),
            access: Access::ReadWrite,
        });
        let files = Files::open(granted.as_slice()).expect("an empty folder");
        let parameters: BTreeMap<String, String> =
            self.fixture.act.iter().map(|act| ("act".to_owned(), (*act).to_owned())).collect();
        let input = match self.fixture.act {
            Some(act) if module.kind() == ModuleKind::Command => act.as_bytes(),
            _ => &self.input,
        };
        let given = |id: &&str| match *id {
            "pipeline.wasm" => Member::new(ModuleId::new(id).expect("an id"), module.clone()),
            id => member(sandbox, id),
        };
        let members: &[Member] = match (module.kind(), self.fixture.act) {
            (ModuleKind::Pipeline, Some(act)) => {
                self.members.get_or_init(|| invoked_by(act).iter().map(given).collect())
            }
            _ => &[],
        };
        let job = Job::new(input)
            .members(members)
            .media_type("text/plain")
            .parameters(&parameters)
            .limits(self.limits.clone())
            .grants(self.grants.clone())
            .files(files)
            .conditions(self.conditions.clone())
            .seed(self.seed);
        let began = Instant::now();
        let (measurement, run, patches) = match module.kind() {
            ModuleKind::Scorer => {
                let scored = sandbox.score(module, &job, b"an output", None).expect("a guest is no fault of the host");
                (scored.measurement, None, Vec::new())
            }
            ModuleKind::Patcher => {
                let context = patch_context(self.fixture.act.unwrap_or_default(), self.seed);
                let proposed = sandbox.propose(module, &job, &context).expect("a guest is no fault of the host");
                (proposed.measurement, None, proposed.patches)
            }
            _ => {
                let run = sandbox.run(module, &job).expect("a guest is no fault of the host");
                (run.measurement.clone(), Some(run), Vec::new())
            }
        };
        Came {
            outcome: measurement.outcome.clone(),
            measurement: Some(measurement),
            run,
            patches,
            took: began.elapsed(),
            folder,
        }
    }
}

/// What came of a fixture: a measurement, unless it was refused before it could run.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) outcome: Outcome,
    pub(crate) measurement: Option<Measurement>,
    run: Option<Run>,
    /// What it proposed.
    pub(crate) patches: Vec<Patch>,
    pub(crate) took: Duration,
    folder: Option<TempDir>,
}

impl Came {
    fn refused(outcome: Outcome) -> Self {
        Self { outcome, measurement: None, run: None, patches: Vec::new(), took: Duration::ZERO, folder: None }
    }

    pub(crate) fn measurement(&self) -> &Measurement {
        self.measurement.as_ref().unwrap_or_else(|| panic!("it did not run: {}", self.outcome))
    }

    /// What it gave back.
    pub(crate) fn output(&self) -> &[u8] {
        &self.run.as_ref().unwrap_or_else(|| panic!("it did not run: {}", self.outcome)).output
    }

    /// What lies in its folder on the host now.
    pub(crate) fn left_on_host(&self) -> Vec<String> {
        let folder = self.folder.as_ref().expect("it had a folder").path();
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// What it gave back, as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.output()).expect("text")
    }
}

/// Seeded numbers, for tests that try many values: xorshift64*.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % bound
    }
}

/// Whether a text would be obeyed by a terminal rather than shown.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}
