;; Polls a list of 2^30 handles, which is longer than its memory.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $poll (canon lower (func $poll "poll") (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core module $m
    (import "poll" "poll" (func $poll (param i32 i32 i32)))
    (func (export "run") (result i32)
      (call $poll (i32.const 0) (i32.const 0x40000000) (i32.const 0))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "poll" (instance (export "poll" (func $poll))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
