;; Makes an integer of a number that is none.
(module
  (func (export "run") (result i32)
    (i32.trunc_f64_s (f64.const nan))))
