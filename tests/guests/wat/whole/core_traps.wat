;; A program for WASI preview 1 that traps.
(module
  (memory (export "memory") 1)
  (func (export "_start") unreachable))
