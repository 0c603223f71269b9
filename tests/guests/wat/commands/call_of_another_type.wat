;; Calls a function by another type than it has.
(module
  (table funcref (elem $other))
  (func $other (param i64))
  (func (export "run") (result i32)
    (call_indirect (result i32) (i32.const 0))))
