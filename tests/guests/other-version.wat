;; A component that serves a version of the interface that this weir does not know.
(component
  (component $plugin)
  (instance $it (instantiate $plugin))
  (export "weir:interceptor/plugin@0.2.0" (instance $it)))
