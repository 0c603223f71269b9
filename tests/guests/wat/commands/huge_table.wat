;; Wants a table of 2^30 elements to begin with.
(module
  (table 0x40000000 funcref)
  (func (export "run") (result i32)
    (i32.const 0)))
