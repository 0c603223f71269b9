;; The smallest component there is.
(component)
