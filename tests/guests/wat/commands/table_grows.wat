;; Grows a table until it is refused.
(module
  (table $t 0 funcref)
  (func (export "run") (result i32)
    (loop
      (br_if 0 (i32.ne (table.grow $t (ref.null func) (i32.const 100)) (i32.const -1))))
    unreachable))
