;; Loops in its start function, before the host has called anything.
(module
  (func $start (loop (br 0)))
  (start $start)
  (func (export "run") (result i32)
    (i32.const 0)))
