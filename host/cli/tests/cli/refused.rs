//! Settings and documents of engines and weights that cannot be.

/// Writes them to `bad/`.
pub(crate) fn engines(write: &dyn Fn(&str, &[u8])) {
    let engine = |more: &str| format!("[[engine]]\nname = \"alpha\"\nworkflow = \"pair\"\n{more}");
    write("bad/engine.toml", engine("intervall = \"1h\"\n").as_bytes());
    write("bad/engines.toml", engine(&engine("")).as_bytes());
    write("bad/engine-capital.toml", engine("capital = 2.0\n").as_bytes());
    write("bad/engine-convergence.toml", engine("[engine.convergence]\nwindow = 2\n").as_bytes());
    write("bad/autoscale.toml", b"[autoscale]\nmax-engine = 3\n");
    write("bad/autoscale-order.toml", b"[autoscale]\nremove-energy = 0.9\n");
    write("bad/budget.toml", b"[run]\nmemory-budget = \"much\"\n");
    let weights = |roi: &str| {
        let others = ["efficiency", "resilience", "antifragility", "reliability", "maintainability", "throughput"];
        let others: String = others.iter().map(|name| format!(", \"{name}\": 1")).collect();
        format!("{{\"schema\": \"holobiont.synergy-weights/1\", {roi}{others}}}")
    };
    write("bad/weights-range.json", weights("\"roi\": 11").as_bytes());
    write("bad/weights-name.json", weights("\"roi\": 1, \"eficiency\": 1").as_bytes());
    write("bad/history.json", br#"[{"groups": [{"troughput": 1}], "reward": 0.1}]"#);
    write("bad/learner.toml", b"[learner]\nkind = \"best\"\n");
}
