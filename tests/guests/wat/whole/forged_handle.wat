;; Hands the host a handle that it was never given.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core module $m
    (import "poll" "block" (func $block (param i32)))
    (func (export "run") (result i32)
      (call $block (i32.const 4321))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "poll" (instance (export "block" (func $block))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
