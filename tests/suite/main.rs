//! What strangers' modules can and cannot do, tried with all fixtures.

#[cfg(test)]
mod attribution;
#[cfg(test)]
mod bombs;
#[cfg(test)]
mod caching;
#[cfg(test)]
mod compiling;
#[cfg(test)]
mod conditions;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod evaluation;
#[cfg(test)]
mod fusing;
#[cfg(test)]
mod inclusion;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod linking;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod nesting;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod patching;
#[cfg(test)]
mod presets;
#[cfg(test)]
mod random;
#[cfg(test)]
mod rejects;
#[cfg(test)]
mod support;
