//! The actor-critic that drives the weights is one: it learns to hold up the pole.

use crate::balance;

/// The bound that the literature's actor-critics are held to: 475 of 500 steps on average.
#[test]
fn the_pole_stays_up_within_half_a_million_steps() {
    let learn = |seed| std::thread::spawn(move || balance::final_episodes(seed, 500_000));
    for (seed, learned) in [31, 32, 33].map(|seed| (seed, learn(seed))) {
        let steps = learned.join().expect("it learned");
        assert!(steps >= 475.0, "seed {seed}: {steps}");
    }
    assert!(balance::final_episodes(31, 1_000) < 100.0, "it is not up by itself");
}
