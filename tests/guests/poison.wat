;; Misbehaves only for a record whose value begins with `!`, in the way the next letter says:
;; t traps, l never comes back, m takes memory until it is refused, r recurses without end, f answers an error,
;; w one verdict too many, u drops all (which its plan does not declare), o an offset behind the data.
;; All other records go through as they are.
(module
  (memory (export "memory") 2)
  ;; >>> the same in every guest: README.md
  (global $heap (mut i32) (i32.const 65536))
  (func $alloc (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (block $fits (loop $more
      (br_if $fits (i32.le_u (global.get $heap) (i32.shl (memory.size) (i32.const 16))))
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
      unreachable))
    (local.get $at))
  (func (export "cabi_post_weir:interceptor/plugin@0.1.0#process") (param i32)
    (global.set $heap (i32.const 65536)))
  (func (export "weir:interceptor/plugin@0.1.0#describe") (result i32) (i32.const 1024))
  ;; Byte $at of the value of row $row; -1 where there is none.
  (func $byte (param $batch i32) (param $row i32) (param $at i32) (result i32)
    (local $column i32) (local $offsets i32) (local $from i32)
    (local.set $column (i32.load offset=16 (local.get $batch)))
    (local.set $offsets (i32.add (i32.load offset=4 (local.get $column)) (i32.shl (local.get $row) (i32.const 2))))
    (local.set $from (i32.add (i32.load (local.get $offsets)) (local.get $at)))
    (if (result i32) (i32.ge_u (local.get $from) (i32.load offset=4 (local.get $offsets)))
      (then (i32.const -1))
      (else (i32.load8_u (i32.add (i32.load offset=12 (local.get $column)) (local.get $from))))))
  ;; description at 1024, result<plan> at 1056 (effects at 1070, header-names at 1072, topics at 1080): reads the value, changes nothing
  (data (i32.const 1024) "\60\04\00\00\07\00\00\00" "\67\04\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00" "\68\04\00\00\02\00\00\00")
  (data (i32.const 1056) "\00\00\00\00" "\40\04\00\00\01\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00")
  (data (i32.const 1088) "\01")
  (data (i32.const 1120) "hostile1{}")
  ;; <<<
  (data (i32.const 1070) "\82\00")
  (func $deeper (param $n i64) (result i64)
    (i64.add (local.get $n) (call $deeper (i64.add (local.get $n) (i64.const 1)))))
  (func $misbehave (param $how i32) (param $rows i32)
    (if (i32.eq (local.get $how) (i32.const 0x74)) (then unreachable))
    (if (i32.eq (local.get $how) (i32.const 0x6c)) (then (loop $ever (br $ever))))
    (if (i32.eq (local.get $how) (i32.const 0x6d)) (then
      (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
      unreachable))
    (if (i32.eq (local.get $how) (i32.const 0x72)) (then (drop (call $deeper (i64.const 0)))))
    (if (i32.eq (local.get $how) (i32.const 0x66)) (then
      (i32.store (i32.const 4096) (i32.const 1))
      (i32.store (i32.const 4100) (i32.const 8192))
      (i32.store (i32.const 4104) (i32.const 15))))
    (if (i32.eq (local.get $how) (i32.const 0x77)) (then
      (i32.store (i32.const 4112) (i32.const 16384))
      (i32.store (i32.const 4116) (i32.add (local.get $rows) (i32.const 1)))))
    (if (i32.eq (local.get $how) (i32.const 0x75)) (then
      (i32.store (i32.const 4112) (call $alloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $rows)))
      (memory.fill (i32.load (i32.const 4112)) (i32.const 1) (local.get $rows))
      (i32.store (i32.const 4116) (local.get $rows))))
    ;; sparse value for row 0, whose offsets are 0 and 9 of 4 bytes
    (if (i32.eq (local.get $how) (i32.const 0x6f)) (then
      (memory.copy (i32.const 4196) (i32.const 8256) (i32.const 40)))))
  (data (i32.const 8192) "cannot do this!")
  (data (i32.const 8256) "\01\00\00\00" "\02\00\00\00" "\80\20\00\00" "\01\00\00\00" "\84\20\00\00" "\02\00\00\00" "\00\20\00\00" "\04\00\00\00" "\00\00\00\00" "\00\00\00\00")
  (data (i32.const 8320) "\00\00\00\00" "\00\00\00\00" "\09\00\00\00")
  (func (export "weir:interceptor/plugin@0.1.0#configure") (param i32 i32) (result i32) (i32.const 1056))
  (func (export "weir:interceptor/plugin@0.1.0#process") (param $batch i32) (result i32) (local $row i32) (local $rows i32)
    (local.set $rows (i32.load offset=12 (local.get $batch)))
    (memory.fill (i32.const 4096) (i32.const 0) (i32.const 192))
    (block $done (loop $next
      (br_if $done (i32.eq (local.get $row) (local.get $rows)))
      (if (i32.eq (call $byte (local.get $batch) (local.get $row) (i32.const 0)) (i32.const 0x21))
        (then (call $misbehave (call $byte (local.get $batch) (local.get $row) (i32.const 1)) (local.get $rows))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $next)))
    (i32.const 4096)))
