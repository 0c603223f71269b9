;; Divides by zero, without the check that a compiler would put before it.
(module
  (func (export "run") (result i32)
    (i32.div_u (i32.const 1) (i32.const 0))))
