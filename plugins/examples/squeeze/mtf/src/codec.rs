//! The work itself: functions from bytes to bytes, which know nothing of hosts.

/// All bytes, the one used last in front.
struct Recent([u8; 256]);

impl Recent {
    fn new() -> Self {
        Self(std::array::from_fn(|place| place as u8))
    }

    /// Moves what is at a place to the front and gives it back.
    fn touch(&mut self, place: usize) -> u8 {
        self.0[..=place].rotate_right(1);
        self.0[0]
    }
}

/// For every byte, how many others were used since it was used last.
pub fn encode(data: &[u8]) -> Vec<u8> {
    let mut recent = Recent::new();
    data.iter()
        .map(|byte| {
            let place = recent.0.iter().take_while(|&other| other != byte).count();
            recent.touch(place);
            place as u8
        })
        .collect()
}

/// The bytes at the places that [`encode`] gave. Every byte is a place, so nothing can be wrong.
pub fn decode(data: &[u8]) -> Vec<u8> {
    let mut recent = Recent::new();
    data.iter().map(|&place| recent.touch(usize::from(place))).collect()
}
