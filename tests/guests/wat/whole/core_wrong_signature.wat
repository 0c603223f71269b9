;; A core module that imports a function of WASI preview 1 by another type than it has.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i64) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $write (i64.const 1)))))
