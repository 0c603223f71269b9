;; Exports the interface of a candidate, empty.
(component
  (instance $e)
  (export "holobiont:plugin/module@0.1.0" (instance $e)))
