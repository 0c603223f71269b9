;; A memory that threads could share: `memory.atomic.wait` would block the host.
(module
  (memory (export "memory") 1 2 shared)
  (func (export "_start")
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
