;; Answers error, which is exit code 1.
(module
  (func (export "run") (result i32)
    (i32.const 1)))
