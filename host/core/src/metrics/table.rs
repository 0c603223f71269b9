//! The table of metrics.

use super::Direction::{Higher, Lower, Neutral};
use super::{Direction, Metric, behaviour, incidents, money, robustness, statics, usage};
use crate::trials::ArmView;

const fn row(
    name: &'static str,
    unit: &'static str,
    direction: Direction,
    measure: fn(&ArmView<'_>) -> f64,
    doc: &'static str,
) -> Metric {
    Metric { name, unit, direction, doc, measure, nominal: true }
}

/// A metric that needs trials of other scenarios than the nominal one.
const fn beyond_nominal(
    name: &'static str,
    unit: &'static str,
    direction: Direction,
    measure: fn(&ArmView<'_>) -> f64,
    doc: &'static str,
) -> Metric {
    Metric { nominal: false, ..row(name, unit, direction, measure, doc) }
}

/// The table of metrics: money, what is used, robustness, safety, behaviour, how the modules are made.
pub const METRICS: &[Metric] = &[
    row(
        "roi",
        "ratio",
        Higher,
        money::roi,
        "Return on investment in the nominal scenario: (sum of values - sum of costs) / sum of costs, 0 where nothing \
         was spent. It is a ratio of sums and not a mean of ratios, so an input weighs as much as it costs. It does \
         not say how much was earned: a cheap module that does little can have a higher ROI than one that does a lot.",
    ),
    row(
        "revenue",
        "credits/input",
        Higher,
        money::revenue,
        "What an output is worth, on average over the nominal trials: the value that the workflow's objective gives \
         it. A trial that did not complete is worth what the objective gives to no output, as a rule 0. It does not \
         say what the output cost.",
    ),
    row(
        "profitability",
        "credits/input",
        Higher,
        money::profitability,
        "Mean value less mean cost in the nominal scenario. Costs are `[prices]`: per call, per gigafuel, per \
         MiB-second of memory, per MiB moved. The unit is arbitrary, so its sign says something only where prices and \
         values were set in the same money.",
    ),
    row(
        "projected_lucrativity",
        "credits",
        Higher,
        money::projected_lucrativity,
        "The forecast of profitability, summed over the next 10 cycles. The series is the profitability of past \
         cycles and of this one; with fewer than 5 points the forecast is the last value, with 5 to 9 simple \
         exponential smoothing, from 10 on the mean of that, damped Holt and Theta. The parameters are those that \
         would have foretold the past cycles best (least squared one-step errors). It does not know of anything that \
         has not happened before, and its interval over inputs does not hold the forecast's own error.",
    ),
    row(
        "long_term_lucrativity",
        "ratio/cycle",
        Higher,
        money::long_term_lucrativity,
        "Whether ROI has been rising: the Theil-Sen slope (the median of the slopes between every two cycles) of the \
         ROI of up to 200 cycles, this one the last; 0 with fewer than two. Up to 29 % of the cycles may be outliers. \
         It does not say whether ROI is any good.",
    ),
    row(
        "efficiency",
        "0..1",
        Higher,
        usage::efficiency,
        "How much of the room given to a module was left: 1 - (cpu_usage + memory_usage) / 2. It depends on the \
         limits, so it is comparable only under the same ones, and it does not ask what came of the effort.",
    ),
    row(
        "cpu_usage",
        "0..1",
        Lower,
        usage::cpu_usage,
        "Mean fuel per invocation of a module in the nominal scenario, as a share of the fuel limit. Fuel is what the \
         engine charges for instructions and the host for its calls: the same for the same input on every machine, and \
         only roughly proportional to seconds.",
    ),
    row(
        "memory_usage",
        "0..1",
        Lower,
        usage::memory_usage,
        "Peak linear memory of a nominal trial (its hungriest invocation), on average, as a share of the memory limit. \
         WebAssembly memory never shrinks, so a short peak counts as much as a long one.",
    ),
    row(
        "gpu_usage",
        "0..1",
        Lower,
        usage::gpu_usage,
        "Mean virtual time per invocation in which the accelerator worked, in the nominal scenario, as a share of the \
         wall-time limit. A product of matrices takes its multiply-adds divided by what the granted units make of them \
         in a second; the module waits meanwhile, so the time is in `network_latency` too. Without units (the limit \
         `accelerators`) it is 0, and asking for a product is a denied call.",
    ),
    row(
        "energy_consumption",
        "joules/input",
        Lower,
        usage::energy_consumption,
        "Modelled energy of a nominal trial: fuel, bytes moved and memory-seconds (peak memory times virtual time, per \
         invocation), each times its coefficient of `[energy]`, added up. It is a model and not a measurement: it \
         ranks groups by what they use, and says joules only as well as the coefficients were calibrated.",
    ),
    row(
        "throughput",
        "inputs/virtual s",
        Higher,
        usage::throughput,
        "Completed inputs divided by virtual seconds, both summed over the nominal trials; 0 where no time passed, as \
         in the arm without modules. Trials are counted one after the other; what several instances beside each other \
         could do is not in it.",
    ),
    row(
        "network_latency",
        "virtual ms/input",
        Lower,
        usage::network_latency,
        "Virtual time that a nominal trial spent waiting at the import boundary and between modules, on average. In \
         the nominal scenario that is bandwidth, sleeps and whatever latency the preset has; how an arm bears a worse \
         network is in resilience and adaptability.",
    ),
    row(
        "reliability",
        "0..1",
        Higher,
        robustness::reliability,
        "The share of nominal trials that completed; 0 where none was made. It does not say whether the outputs are \
         any good: that is revenue.",
    ),
    beyond_nominal(
        "resilience",
        "0..1",
        Higher,
        robustness::resilience,
        "What is left of the value under stress: mean value over the trials of all stressed scenarios / mean nominal \
         value, from 0 to 1. Where the nominal value is 0 or less there is no such share; it is then 1 if the stressed \
         value is not below the nominal one, else 0. It is 1 where no stressed scenario was tried. An arm that is \
         worth little has little to lose, so read it beside revenue.",
    ),
    beyond_nominal(
        "antifragility",
        "credits",
        Higher,
        robustness::antifragility,
        "Whether value rises with stress: the slope of the least-squares line through (threat intensity, mean value) \
         of the nominal and each stressed scenario, so the credits that going from no threat to the worst adds. 0 \
         where all intensities are the same. The intensities order the scenarios and are a judgement; as a rule the \
         slope is negative, and a positive one deserves a look at why.",
    ),
    beyond_nominal(
        "adaptability",
        "0..1",
        Higher,
        robustness::adaptability,
        "The share of stressed scenarios whose mean value is at most 10 % below the nominal one; 1 where none was \
         tried. It counts scenarios and not losses: one that is lost wholly counts as much as one that is lost by \
         11 %.",
    ),
    beyond_nominal(
        "flexibility",
        "0..1",
        Higher,
        robustness::flexibility,
        "How well strange inputs are dealt with: for each class of inputs that was tried (nominal, empty, huge, \
         truncated, malformed, not-utf8, adversarial) the share of trials that completed, or in which a module said \
         that its input is not what it takes and none did anything worse; then the mean over the classes. 0 where no \
         class was tried. An output for a malformed input may be nonsense and still count.",
    ),
    beyond_nominal(
        "recovery_time",
        "virtual ms",
        Lower,
        robustness::recovery_time,
        "How long it takes from an injected fault to the end of the next completed input, on average. The trials of a \
         scenario, in their order, are one timeline; a trial with faults counts from the first of them, to its own end \
         if it completed, else to the end of the next that did, and where none did, to the end of the timeline and the \
         time limit on top. 0 without faults. As the only metric it depends on the order of inputs, and in long trials \
         it is longer for no other reason than that.",
    ),
    beyond_nominal(
        "safety_rating",
        "0..100",
        Higher,
        incidents::safety_rating,
        "100 - the weighted incidents per 100 runs, at least 0. A run is an invocation of a module in a trial of any \
         scenario, without those into which a fault was injected; incidents and weights are in the table above, and a \
         weight counts (3 + the level of security) / 4 times, which is once at level 1 and twice at level 5. 100 where \
         nothing ran. It says what the inputs at hand brought out, and nothing of what a module could do: that \
         is security_score.",
    ),
    row(
        "security_score",
        "0..100",
        Higher,
        statics::security_score,
        "How little a module asks for and how well it is contained, by its bytes alone: the rules are those that \
         `inspect` shows. Of a group it is the lowest score of its modules, since a group is as safe as its weakest; \
         100 of no module. It does not know what a module does with what it asks for.",
    ),
    beyond_nominal(
        "risk_index",
        "0..100",
        Lower,
        incidents::risk_index,
        "Exposure times the observed probability of an incident: the highest exposure of the arm's modules (how much \
         one that misbehaves could reach, from 0 to 100, by its bytes) times the share of runs with an incident. Runs \
         are those of safety_rating; here an incident counts once whatever its weight. What can reach nothing, or \
         never misbehaved, is no risk by it, which for few inputs is not much of a proof.",
    ),
    beyond_nominal(
        "shannon_entropy",
        "bits",
        Neutral,
        behaviour::shannon_entropy,
        "How varied the behaviour of modules is: the entropy, -sum of p log2 p, of how invocations ended x which \
         interfaces of the host they called x the size of their output to a power of two, over the invocations of all \
         scenarios but repeats. 0 is a module that always does the same; more is neither better nor worse. Estimated \
         from few invocations it is too low, and it cannot exceed the logarithm of their number.",
    ),
    beyond_nominal(
        "discrepancy_count",
        "count",
        Lower,
        behaviour::discrepancy_count,
        "The number of inputs whose output, or whether there is one, differs between the nominal trial and a repeat of \
         it with other entropy. 0 where nothing was repeated. It is a count and grows with the number of inputs; and \
         for a module that is meant to draw lots it counts no fault.",
    ),
    row(
        "maintainability",
        "0..100",
        Higher,
        statics::maintainability,
        "The maintainability index of a module's code, from Halstead volume, cyclomatic complexity and number of \
         instructions per function, by its bytes alone; the mean over the arm's modules, 100 of no module. It judges \
         what the compiler made of the source, not the source.",
    ),
    row(
        "code_quality",
        "0..100",
        Higher,
        statics::code_quality,
        "The lint score of a module's bytes (dead functions and imports, huge functions, what is not said of its \
         origin, ...; `inspect` shows the rules that it broke); the mean over the arm's modules, 100 of no module. It \
         does not say whether the module does what it should.",
    ),
];
