;; WASI preview 1 inside the component: nothing leaves it but what is printed, the end of the program, and the name of a
;; function that is refused. Errors: 8 = BADF, 28 = INVAL, 70 = SPIPE.
(module
  (import "env" "memory" (memory 0))
  (import "@INTERFACE@" "print" (func $print (param i32 i32 i32)))
  (import "@INTERFACE@" "exit" (func $exit (param i32)))
  (;imports;)

  ;; Clocks stand still. 0 is the wall clock, 1 the monotonic one, 2 and 3 count CPU time.
  (func (export "clock_res_get") (param $clock i32) (param $out i32) (result i32)
    (if (i32.gt_u (local.get $clock) (i32.const 3)) (then (return (i32.const 28))))
    (i64.store (local.get $out) (i64.const @RESOLUTION@))
    (i32.const 0))
  (func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $out i32) (result i32)
    (if (i32.gt_u (local.get $clock) (i32.const 3)) (then (return (i32.const 28))))
    (i64.store (local.get $out)
      (select (i64.const @MONOTONIC@) (i64.const @WALL@) (local.get $clock)))
    (i32.const 0))

  ;; The same bytes at every call.
  (func (export "random_get") (param $at i32) (param $left i32) (result i32)
    (local $state i64)
    (local.set $state (i64.const @SEED@))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $state (i64.xor (local.get $state) (i64.shl (local.get $state) (i64.const 13))))
        (local.set $state (i64.xor (local.get $state) (i64.shr_u (local.get $state) (i64.const 7))))
        (local.set $state (i64.xor (local.get $state) (i64.shl (local.get $state) (i64.const 17))))
        (i64.store8 (local.get $at) (local.get $state))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func $nothing (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "args_sizes_get") (param i32 i32) (result i32) (call $nothing (local.get 0) (local.get 1)))
  (func (export "environ_sizes_get") (param i32 i32) (result i32) (call $nothing (local.get 0) (local.get 1)))
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))

  ;; 1 and 2 print.
  (func (export "fd_write") (param $fd i32) (param $vector i32) (param $left i32) (param $out i32) (result i32)
    (local $sum i32)
    (if (i32.gt_u (i32.sub (local.get $fd) (i32.const 1)) (i32.const 1)) (then (return (i32.const 8))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (call $print (local.get $fd) (i32.load (local.get $vector)) (i32.load offset=4 (local.get $vector)))
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $vector))))
        (local.set $vector (i32.add (local.get $vector) (i32.const 8)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $out) (local.get $sum))
    (i32.const 0))
  ;; 0 is at its end.
  (func (export "fd_read") (param $fd i32) (param i32 i32) (param $out i32) (result i32)
    (if (local.get $fd) (then (return (i32.const 8))))
    (i32.store (local.get $out) (i32.const 0))
    (i32.const 0))

  ;; What is asked of a standard stream.
  (func $if_standard (param $fd i32) (param $answer i32) (result i32)
    (select (i32.const 8) (local.get $answer) (i32.gt_u (local.get $fd) (i32.const 2))))
  (func (export "fd_close") (param i32) (result i32) (call $if_standard (local.get 0) (i32.const 0)))
  (func (export "fd_datasync") (param i32) (result i32) (call $if_standard (local.get 0) (i32.const 0)))
  (func (export "fd_sync") (param i32) (result i32) (call $if_standard (local.get 0) (i32.const 0)))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (call $if_standard (local.get 0) (i32.const 0)))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (call $if_standard (local.get 0) (i32.const 70)))
  (func (export "fd_tell") (param i32 i32) (result i32) (call $if_standard (local.get 0) (i32.const 70)))
  ;; A character device with all rights, also that to seek, so that nobody takes it for a terminal.
  (func (export "fd_fdstat_get") (param $fd i32) (param $out i32) (result i32)
    (if (i32.gt_u (local.get $fd) (i32.const 2)) (then (return (i32.const 8))))
    (i64.store (local.get $out) (i64.const 2))
    (i64.store offset=8 (local.get $out) (i64.const -1))
    (i64.store offset=16 (local.get $out) (i64.const 0))
    (i32.const 0))
  (func (export "fd_filestat_get") (param $fd i32) (param $out i32) (result i32)
    (if (i32.gt_u (local.get $fd) (i32.const 2)) (then (return (i32.const 8))))
    (memory.fill (local.get $out) (i32.const 0) (i32.const 64))
    (i32.store8 offset=16 (local.get $out) (i32.const 2))
    (i32.const 0))

  ;; Everything that is waited for is there at once. A subscription has 48 bytes, an event 32.
  (func (export "poll_oneoff") (param $in i32) (param $out i32) (param $count i32) (param $events i32) (result i32)
    (local $left i32) (local $kind i32)
    (if (i32.eqz (local.get $count)) (then (return (i32.const 28))))
    (local.set $left (local.get $count))
    (loop $next
      ;; The subscription's own number, no error, its kind, and nothing to read. Both lists may be at one place.
      (local.set $kind (i32.load8_u offset=8 (local.get $in)))
      (i64.store (local.get $out) (i64.load (local.get $in)))
      (i64.store offset=8 (local.get $out) (i64.const 0))
      (i64.store offset=16 (local.get $out) (i64.const 0))
      (i64.store offset=24 (local.get $out) (i64.const 0))
      (i32.store8 offset=10 (local.get $out) (local.get $kind))
      (local.set $in (i32.add (local.get $in) (i32.const 48)))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.store (local.get $events) (local.get $count))
    (i32.const 0))
  (func (export "sched_yield") (result i32) (i32.const 0))
  (func (export "proc_exit") (param i32) (call $exit (local.get 0)) (unreachable))

  ;; What binding generators ask of the adapters that they know.
  (func (export "adapter_monotonic_clock_set_paused") (param i32))
  (func (export "reset_adapter_state"))

  (;functions;)
)
