;; Instances by doubling: twelve lines, four thousand core instances.
(component
  (core module $x)
  (component $c0 (core module $x) (core instance (instantiate $x)))
  (component $c1
    (alias outer 1 $c0 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c2
    (alias outer 1 $c1 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c3
    (alias outer 1 $c2 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c4
    (alias outer 1 $c3 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c5
    (alias outer 1 $c4 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c6
    (alias outer 1 $c5 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c7
    (alias outer 1 $c6 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c8
    (alias outer 1 $c7 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c9
    (alias outer 1 $c8 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c10
    (alias outer 1 $c9 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c11
    (alias outer 1 $c10 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (component $c12
    (alias outer 1 $c11 (component $inner))
    (instance (instantiate $inner)) (instance (instantiate $inner)))
  (instance (instantiate $c12))
  (core module $m (func (export "run") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
