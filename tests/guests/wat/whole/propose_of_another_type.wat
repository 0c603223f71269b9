;; Exports `propose` of the right name and another type.
(component
  (core module $m (func (export "propose") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result u32) (canon lift (core func $i "propose")))
  (instance $e (export "propose" (func $run)))
  (export "holobiont:plugin/patcher@0.1.0" (instance $e)))
