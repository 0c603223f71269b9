;; Two functions that call each other without end.
(module
  (func $a (call $b) (call $b))
  (func $b (call $a) (call $a))
  (func (export "run") (result i32)
    (call $a)
    (i32.const 0)))
