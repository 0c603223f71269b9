;; A core module of two memories, a proposal that is switched off.
(module
  (memory (export "memory") 1)
  (memory 1)
  (func (export "_start")))
