;; Drops a handle that it never had.
(component
  (type $thing (resource (rep i32)))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "thing" "drop" (func $drop (param i32)))
    (func (export "run") (result i32)
      (call $drop (i32.const 12345))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "thing" (instance (export "drop" (func $drop))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
