//! What learners keep to, and what they can.

#[path = "../worlds/balance.rs"]
mod balance;
#[path = "../worlds/cart_pole.rs"]
mod cart_pole;
mod conformance;
#[path = "../worlds/dice.rs"]
mod dice;
mod pole;
