;; A memory of 64 bits, a proposal that is switched off.
(module
  (memory (export "memory") i64 1)
  (func (export "_start")))
