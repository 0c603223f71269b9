;; A program for WASI preview 1 that loops.
(module
  (memory (export "memory") 1)
  (func (export "_start") (loop (br 0))))
