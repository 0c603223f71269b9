;; Grows to its own maximum and traps: the host has refused nothing, so no limit is to blame.
(module
  (memory 1 2)
  (func (export "run") (result i32)
    (loop
      (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    unreachable))
