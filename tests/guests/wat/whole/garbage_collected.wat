;; A heap of its own beside linear memory, a proposal that is switched off.
(module
  (memory (export "memory") 1)
  (type $list (array (mut i64)))
  (func (export "_start")
    (drop (array.new $list (i64.const 0) (i32.const 0x10000000)))))
