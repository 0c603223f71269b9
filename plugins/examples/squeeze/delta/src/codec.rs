//! The work itself: functions from bytes to bytes, which know nothing of hosts.

/// Every byte less the one before it, the first less 0, modulo 256.
pub fn encode(data: &[u8]) -> Vec<u8> {
    let mut before = 0;
    data.iter().map(|&byte| byte.wrapping_sub(std::mem::replace(&mut before, byte))).collect()
}

/// The sums of what [`encode`] made. Any bytes at all are differences of something, so nothing can be wrong.
pub fn decode(data: &[u8]) -> Vec<u8> {
    let mut sum = 0u8;
    data.iter()
        .map(|&difference| {
            sum = sum.wrapping_add(difference);
            sum
        })
        .collect()
}
