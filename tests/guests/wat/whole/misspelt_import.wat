;; Imports what this host has by nearly the same name.
(component
  (import "wasi:clocks/monotonic-clok@0.2.0" (instance (export "now" (func (result u64)))))
  (core module $m (func (export "run") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
