;; Wants 4 GiB to begin with.
(module
  (memory 65536)
  (func (export "run") (result i32)
    (i32.const 0)))
