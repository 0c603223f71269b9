;; Fills a megabyte, over and over: one instruction each time, unless bulk operations are paid by the byte.
(module
  (memory 16)
  (func (export "run") (result i32)
    (loop
      (memory.fill (i32.const 0) (i32.const 7) (i32.const 0x100000))
      (br 0))
    (i32.const 0)))
