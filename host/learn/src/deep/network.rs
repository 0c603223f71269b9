//! Networks of dense layers, and Adam: on burn's processor backend, in double precision and one thread, so that the same
//! steps come to the same bits.

use burn::optim::{AdamConfig, AdamState, AdaptiveMomentumState, Optimizer as _};
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData, activation};

use super::draws::Draws;
use super::saved::{SavedError, Tensors};

/// A row for each example.
pub(super) type Matrix = Tensor<2>;
/// One number.
pub(super) type Loss = Tensor<1>;

/// A matrix of values in rows; there are `rows * columns` of them.
pub(super) fn matrix(rows: usize, columns: usize, values: Vec<f64>) -> Matrix {
    Tensor::from_data(TensorData::new(values, [rows, columns]), (&Device::flex(), DType::F64))
}

/// The values of a matrix, by rows.
pub(super) fn numbers(matrix: Matrix) -> Vec<f64> {
    matrix.into_data().iter::<f64>().collect()
}

/// The number that a loss is.
pub(super) fn number(loss: &Loss) -> f64 {
    loss.to_data().iter::<f64>().next().unwrap_or(f64::NAN)
}

/// Dense layers with a rectifier after each but the last.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// For each layer its weights, inputs by outputs, and its bias, 1 by outputs.
    parameters: Vec<Matrix>,
}

impl Network {
    /// Layers from the first of some sizes to the last. Weights and biases are drawn evenly from within
    /// 1 / sqrt(inputs) of 0, as PyTorch's linear layers are.
    pub(super) fn new(sizes: &[usize], draws: &mut Draws) -> Self {
        let mut drawn = |rows: usize, columns: usize, inputs: usize| {
            let bound = 1.0 / (inputs as f64).sqrt();
            matrix(rows, columns, (0..rows * columns).map(|_| draws.within(-bound, bound)).collect())
        };
        let layers = sizes.windows(2).flat_map(|ends| [drawn(ends[0], ends[1], ends[0]), drawn(1, ends[1], ends[0])]);
        Self { parameters: layers.collect() }
    }

    /// What comes out, examples by outputs, for what goes in, examples by inputs.
    pub(super) fn forward(&self, input: Matrix) -> Matrix {
        let mut through = input;
        for (place, layer) in self.parameters.chunks_exact(2).enumerate() {
            if place > 0 {
                through = activation::relu(through);
            }
            through = through.matmul(layer[0].clone()) + layer[1].clone();
        }
        through
    }

    /// The same network, whose parameters take part in a graph: losses of it have gradients.
    pub(super) fn tracked(&self) -> Self {
        let track = |parameter: &Matrix| parameter.clone().autodiff().require_grad();
        Self { parameters: self.parameters.iter().map(track).collect() }
    }

    /// The gradients of a [tracked](Self::tracked) network's parameters; 0 for one that the loss does not depend on.
    pub(super) fn gradients(&self, gradients: &Gradients) -> Vec<Matrix> {
        let of = |parameter: &Matrix| {
            parameter.grad(gradients).unwrap_or_else(|| parameter.clone().inner().zeros_like()).inner()
        };
        self.parameters.iter().map(of).collect()
    }

    /// Goes part of the way to another network: all of it for 1, when the bits are the same then. (Polyak averaging, as
    /// in Lillicrap et al. 2016.)
    pub(super) fn follow(&mut self, other: &Self, part: f64) {
        if part >= 1.0 {
            self.parameters.clone_from(&other.parameters);
            return;
        }
        for (own, others) in self.parameters.iter_mut().zip(&other.parameters) {
            *own = own.clone() * (1.0 - part) + others.clone() * part;
        }
    }

    /// Keeps the parameters under a name.
    pub(super) fn save(&self, name: &str, tensors: &mut Tensors) {
        for (place, parameter) in self.parameters.iter().enumerate() {
            tensors.put(label(name, place), parameter.dims().to_vec(), numbers(parameter.clone()));
        }
    }

    /// The network of such sizes that was [kept](Self::save) under a name.
    pub(super) fn load(name: &str, sizes: &[usize], tensors: &mut Tensors) -> Result<Self, SavedError> {
        let mut parameters = Vec::new();
        for ends in sizes.windows(2) {
            for rows in [ends[0], 1] {
                let values = tensors.take(&label(name, parameters.len()), &[rows, ends[1]])?;
                parameters.push(matrix(rows, ends[1], values));
            }
        }
        Ok(Self { parameters })
    }
}

/// The name of one of a network's parameters.
fn label(name: &str, place: usize) -> String {
    let part = if place.is_multiple_of(2) { "weights" } else { "bias" };
    format!("{name}.{}.{part}", place / 2)
}

/// What learning by Adam remembers of some parameters (Kingma and Ba 2015; burn's, whose own constants are single
/// precision).
#[derive(Clone, Debug, Default)]
pub(super) struct Adam {
    steps: usize,
    /// The mean of each parameter's gradients and of their squares; none before the first step.
    moments: Vec<[Matrix; 2]>,
}

impl Adam {
    /// A step of some parameters against their gradients.
    pub(super) fn step(&mut self, parameters: &mut [Matrix], gradients: Vec<Matrix>, rate: f64) {
        let rule = AdamConfig::new().with_epsilon(1e-8).build();
        let mut before = std::mem::take(&mut self.moments).into_iter();
        for (parameter, gradient) in parameters.iter_mut().zip(gradients) {
            let state = before.next().map(|[mean, squares]| {
                AdamState::new(AdaptiveMomentumState {
                    time: self.steps,
                    moment_1: mean,
                    moment_2: squares,
                    max_moment_2: None,
                })
            });
            let (moved, state) = rule.step(rate, parameter.clone(), gradient, state);
            *parameter = moved;
            self.moments.extend(state.map(|state| [state.momentum.moment_1, state.momentum.moment_2]));
        }
        self.steps += 1;
    }

    /// A step of a network against the gradients of a loss that was reckoned with its tracked double.
    pub(super) fn descend(&mut self, network: &mut Network, tracked: &Network, loss: &Loss, rate: f64) {
        let gradients = tracked.gradients(&loss.backward());
        self.step(&mut network.parameters, gradients, rate);
    }

    /// Keeps it under a name.
    pub(super) fn save(&self, name: &str, tensors: &mut Tensors) {
        tensors.put(format!("{name}.steps"), vec![1], vec![self.steps as f64]);
        for (place, moments) in self.moments.iter().enumerate() {
            for (which, moment) in ["mean", "squares"].iter().zip(moments) {
                let values = numbers(moment.clone());
                tensors.put(format!("{name}.{which}.{place}"), moment.dims().to_vec(), values);
            }
        }
    }

    /// What was [kept](Self::save) under a name of parameters of such shapes.
    pub(super) fn load(name: &str, shapes: &[[usize; 2]], tensors: &mut Tensors) -> Result<Self, SavedError> {
        let steps = tensors.count(&format!("{name}.steps"))?;
        let mut moments = Vec::new();
        let shapes = if steps == 0 { &[] } else { shapes };
        for (place, [rows, columns]) in shapes.iter().copied().enumerate() {
            let mut moment = |which: &str| {
                let values = tensors.take(&format!("{name}.{which}.{place}"), &[rows, columns])?;
                Ok(matrix(rows, columns, values))
            };
            moments.push([moment("mean")?, moment("squares")?]);
        }
        Ok(Self { steps, moments })
    }
}

/// A network and what learning remembers of it.
#[derive(Clone, Debug)]
pub(super) struct Learning {
    pub(super) network: Network,
    adam: Adam,
}

impl Learning {
    pub(super) fn new(network: Network) -> Self {
        Self { network, adam: Adam::default() }
    }

    /// A step against a loss of the network, and what the loss was.
    pub(super) fn descend(&mut self, rate: f64, loss: impl FnOnce(&Network) -> Loss) -> f64 {
        let tracked = self.network.tracked();
        let loss = loss(&tracked);
        self.adam.descend(&mut self.network, &tracked, &loss, rate);
        number(&loss)
    }

    pub(super) fn save(&self, name: &str, tensors: &mut Tensors) {
        self.network.save(name, tensors);
        self.adam.save(&format!("{name}.adam"), tensors);
    }

    pub(super) fn load(name: &str, sizes: &[usize], tensors: &mut Tensors) -> Result<Self, SavedError> {
        let network = Network::load(name, sizes, tensors)?;
        let shapes: Vec<[usize; 2]> = network.parameters.iter().map(Tensor::dims).collect();
        Ok(Self { network, adam: Adam::load(&format!("{name}.adam"), &shapes, tensors)? })
    }
}

#[cfg(test)]
#[path = "network/tests.rs"]
pub(super) mod tests;
