//! Modules that take the compiler more than they look like.

/// A core module of many functions with very many local variables each: a few kilobytes that take the
/// compiler minutes.
pub(crate) fn time_bomb(functions: u32) -> Vec<u8> {
    // The body is nothing but its end.
    module(functions, &[&[1][..], &leb(50_000), &[0x7f, 0x0b]].concat())
}

/// A core module of one function whose loops nest deep around thousands of variables that change: each loop
/// begins with a merge of each variable, so that tens of kilobytes of code come to millions of values.
pub(crate) fn memory_bomb() -> Vec<u8> {
    const LOOPS: usize = 200;
    const LOCALS: u32 = 5_000;
    let mut body = [&[1][..], &leb(LOCALS), &[0x7f]].concat();
    body.extend([0x03, 0x40].repeat(LOOPS));
    for local in 0..LOCALS {
        // local.get, i32.const 1, i32.add, local.set.
        body.extend([&[0x20][..], &leb(local), &[0x41, 1, 0x6a, 0x21], &leb(local)].concat());
    }
    // local.get 0, br_if 0, end.
    body.extend([0x20, 0, 0x0d, 0, 0x0b].repeat(LOOPS));
    body.push(0x0b);
    module(1, &body)
}

/// A program of functions that all have the same body.
fn module(functions: u32, body: &[u8]) -> Vec<u8> {
    let section = |id: u8, contents: &[u8]| [&[id][..], &leb(contents.len() as u32), contents].concat();
    let count = leb(functions);
    let body = [&leb(body.len() as u32)[..], body].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[&count[..], &vec![0; functions as usize]].concat()),
        section(5, &[1, 0, 1]),
        section(7, b"\x02\x06_start\x00\x00\x06memory\x02\x00"),
        section(10, &[&count[..], &body.repeat(functions as usize)].concat()),
    ]
    .concat()
}

/// A number as WebAssembly writes it.
fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
