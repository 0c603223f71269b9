;; Makes handles of a resource type of its own without end, and so without asking the host.
(component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $m
    (import "thing" "new" (func $new (param i32) (result i32)))
    (func (export "run") (result i32)
      (loop
        (drop (call $new (i32.const 0)))
        (br 0))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "thing" (instance (export "new" (func $new))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
