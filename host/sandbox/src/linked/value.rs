//! How many bytes a value moves when it is handed on.
//!
//! What counts is what the host copies out of linear memory and into it: the contents of lists and strings,
//! with what they hold at the width that it has there. What goes in registers is paid for by the call.

use wasmtime::component::Val;

/// A pointer and a length.
const PAIR: u64 = 8;

/// Bytes that are copied for some values.
pub(crate) fn copied_all(values: &[Val]) -> u64 {
    values.iter().map(copied).fold(0, u64::saturating_add)
}

fn copied(value: &Val) -> u64 {
    match value {
        Val::String(text) => text.len() as u64,
        Val::List(items) => items.iter().map(|item| width(item).saturating_add(copied(item))).sum(),
        Val::Map(entries) => {
            let both = |(key, value): &(Val, Val)| width(key) + copied(key) + width(value) + copied(value);
            entries.iter().map(both).sum()
        }
        Val::Record(fields) => fields.iter().map(|(_, field)| copied(field)).sum(),
        Val::Tuple(items) | Val::FixedLengthList(items) => items.iter().map(copied).sum(),
        Val::Variant(_, Some(payload)) | Val::Option(Some(payload)) => copied(payload),
        Val::Result(Ok(Some(payload)) | Err(Some(payload))) => copied(payload),
        _ => 0,
    }
}

/// What a value takes where it lies in a list, without padding.
fn width(value: &Val) -> u64 {
    match value {
        Val::Bool(_) | Val::S8(_) | Val::U8(_) | Val::Enum(_) => 1,
        Val::S16(_) | Val::U16(_) => 2,
        Val::S64(_) | Val::U64(_) | Val::Float64(_) => 8,
        Val::String(_) | Val::List(_) | Val::Map(_) => PAIR,
        Val::Record(fields) => fields.iter().map(|(_, field)| width(field)).sum(),
        Val::Tuple(items) | Val::FixedLengthList(items) => items.iter().map(width).sum(),
        Val::Variant(_, Some(payload)) | Val::Option(Some(payload)) => 1 + width(payload),
        Val::Result(Ok(Some(payload)) | Err(Some(payload))) => 1 + width(payload),
        Val::Variant(..) | Val::Option(None) | Val::Result(_) => 1,
        _ => 4,
    }
}

/// A value of a type that is known when the host is built.
pub(crate) trait Copied {
    /// Bytes that are copied for it; the same as for the same value as a [`Val`].
    fn copied(&self) -> u64;
}

impl Copied for Vec<u8> {
    fn copied(&self) -> u64 {
        self.len() as u64
    }
}

impl Copied for String {
    fn copied(&self) -> u64 {
        self.len() as u64
    }
}

impl<T: Copied, E: Copied> Copied for Result<T, E> {
    fn copied(&self) -> u64 {
        match self {
            Ok(value) => value.copied(),
            Err(value) => value.copied(),
        }
    }
}

impl<T: Copied> Copied for (T,) {
    fn copied(&self) -> u64 {
        self.0.copied()
    }
}

impl<T: Copied, U: Copied> Copied for (T, U) {
    fn copied(&self) -> u64 {
        self.0.copied().saturating_add(self.1.copied())
    }
}

/// Such a value in which something may come to harm on its way.
pub(crate) trait Data: Copied {
    /// Whether there is data in values of the type. Texts are none: what is no text any more cannot be handed on.
    const HAS_DATA: bool;

    /// The data in it, if there is some.
    fn data(&mut self) -> Option<&mut [u8]>;
}

impl Data for Vec<u8> {
    const HAS_DATA: bool = true;

    fn data(&mut self) -> Option<&mut [u8]> {
        Some(self)
    }
}

impl Data for String {
    const HAS_DATA: bool = false;

    fn data(&mut self) -> Option<&mut [u8]> {
        None
    }
}

impl<T: Data> Data for Result<T, String> {
    const HAS_DATA: bool = T::HAS_DATA;

    fn data(&mut self) -> Option<&mut [u8]> {
        self.as_mut().ok().and_then(T::data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_cost_the_same_in_either_form() {
        let bytes = vec![1u8, 2, 3];
        let list = Val::List(bytes.iter().copied().map(Val::U8).collect());
        assert_eq!(copied_all(std::slice::from_ref(&list)), bytes.copied());
        let told = Val::Result(Ok(Some(Box::new(list))));
        assert_eq!(copied_all(&[told]), Ok::<_, String>(bytes).copied());
        assert_eq!(copied_all(&[Val::String("four".into())]), "four".to_owned().copied());
    }

    #[test]
    fn nested_values_pay_for_where_they_lie() {
        let words = Val::List(vec![Val::String("ab".into()), Val::String(String::new())]);
        assert_eq!(copied_all(&[words]), 2 * 8 + 2);
        assert_eq!(copied_all(&[Val::U64(1), Val::Bool(true)]), 0, "registers");
        let pairs = Val::List(vec![Val::Tuple(vec![Val::U16(1), Val::Option(None)])]);
        assert_eq!(copied_all(&[pairs]), 3);
    }
}
