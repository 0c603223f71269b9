use serde_json::Value;

use super::super::replay::Batch;
use super::*;

/// Steps that PyTorch made, to compare with.
pub(in super::super) fn fixture() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/one_step.json")).unwrap()
}

pub(in super::super) fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The transitions of the fixture, with some actions.
pub(in super::super) fn batch(fixture: &Value, actions: &Value) -> Batch {
    let of = |name: &str| floats(&fixture["batch"][name]);
    let (states, rewards, nexts, ends) = (of("states"), of("rewards"), of("nexts"), of("ends"));
    Batch { states, actions: floats(actions), rewards, nexts, ends }
}

/// A network of the fixture.
pub(in super::super) fn network(layers: &Value) -> Network {
    let mut parameters = Vec::new();
    for layer in layers.as_array().unwrap() {
        let (weights, bias) = (floats(&layer["weights"]), floats(&layer["bias"]));
        let outputs = bias.len();
        parameters.push(matrix(weights.len() / outputs, outputs, weights));
        parameters.push(matrix(1, outputs, bias));
    }
    Network { parameters }
}

/// That a network has the parameters that PyTorch came to, to within 1e-5 of what the largest is.
pub(in super::super) fn assert_same(network: &Network, layers: &Value, what: &str) {
    let found = every(network);
    let wanted = every(&self::network(layers));
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (place, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        assert!((found - wanted).abs() <= 1e-5 * wanted.abs().max(0.1), "{what} {place}: {found}, not {wanted}");
    }
}

/// All parameters.
pub(in super::super) fn every(network: &Network) -> Vec<f64> {
    network.parameters.iter().flat_map(|parameter| numbers(parameter.clone())).collect()
}

/// That the gradients of a loss are what it changes by for a small change of each parameter.
pub(in super::super) fn check_gradients(network: &Network, loss: impl Fn(&Network) -> Loss) {
    let tracked = network.tracked();
    let gradients = tracked.gradients(&loss(&tracked).backward());
    for (place, gradient) in gradients.into_iter().enumerate() {
        let values = numbers(network.parameters[place].clone());
        let [rows, columns] = gradient.dims();
        for (entry, found) in numbers(gradient).into_iter().enumerate() {
            let moved = |by: f64| {
                let mut values = values.clone();
                values[entry] += by;
                let mut network = network.clone();
                network.parameters[place] = matrix(rows, columns, values);
                number(&loss(&network))
            };
            let wanted = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((found - wanted).abs() < 1e-7 * wanted.abs().max(1.0), "{place} {entry}: {found}, not {wanted}");
        }
    }
}

#[test]
fn following_goes_part_of_the_way() {
    let mut draws = Draws::new(1);
    let [mut one, other] = [(); 2].map(|()| Network::new(&[3, 4, 2], &mut draws));
    let before = every(&one);
    one.follow(&other, 0.25);
    for ((after, before), other) in every(&one).iter().zip(&before).zip(every(&other)) {
        assert!((after - (0.75 * before + 0.25 * other)).abs() < 1e-15);
    }
    one.follow(&other, 1.0);
    assert_eq!(every(&one), every(&other));
}

#[test]
fn first_parameters_are_within_the_bounds_of_their_layer() {
    let network = Network::new(&[100, 50, 2], &mut Draws::new(2));
    for (parameter, inputs) in network.parameters.iter().zip([100.0_f64, 100.0, 50.0, 50.0]) {
        let values = numbers(parameter.clone());
        assert!(values.iter().all(|value| value.abs() <= 1.0 / inputs.sqrt()));
        assert!(values.iter().any(|value| *value != 0.0));
    }
}
