;; Reads past the end of its table.
(module
  (table 1 funcref)
  (func (export "run") (result i32)
    (ref.is_null (table.get (i32.const 7)))))
