;; A component that is no plugin at all.
(component)
