;; Imports a function under the name of an interface, which is valid and which no tool makes.
(component
  (import "wasi:cli/exit@0.2.0" (func))
  (core module $m (func (export "run") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
