;; Gives the host a place for a result, and loops when the host asks for it in the middle of a host call.
(component
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop (br 0)) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $random
    (canon lower (func $random "get-random-bytes") (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core module $m
    (import "random" "bytes" (func $random (param i64 i32)))
    (func (export "run") (result i32)
      (call $random (i64.const 64) (i32.const 0))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "random" (instance (export "bytes" (func $random))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
