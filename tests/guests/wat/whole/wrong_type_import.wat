;; Imports a function of a known name and another type.
(component
  (import "holobiont:plugin/telemetry@0.1.0" (instance (export "log" (func (param "message" string)))))
  (core module $m (func (export "run") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
