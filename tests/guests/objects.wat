;; Uses WebAssembly's garbage collection and its exceptions, as Kotlin's compiler does. Of each record it makes a hundred
;; objects that point at each other and lets go of them, and throws an exception that it catches. A value that begins with
;; `!` misbehaves in the way the next letter says: e throws what nobody catches, k keeps all objects until memory is refused,
;; s makes one array that does not fit, l never comes back from making garbage, d is refused memory, goes on without and
;; divides by zero.
(module
  (rec
    (type $node (struct (field $next (mut (ref null $node))) (field $number i64))))
  (type $bytes (array (mut i8)))
  (tag $refusal (param i32))
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
  (global $kept (mut (ref null $node)) (ref.null $node))
  ;; Two objects that point at each other.
  (func $pair (param $number i64) (local $one (ref $node))
    (local.set $one (struct.new $node (ref.null $node) (local.get $number)))
    (struct.set $node $next (local.get $one) (struct.new $node (local.get $one) (local.get $number))))
  (func $garbage (local $left i64)
    (local.set $left (i64.const 50))
    (loop $more
      (call $pair (local.get $left))
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $more (i64.ne (local.get $left) (i64.const 0)))))
  (func $refuse (param $why i32) (throw $refusal (local.get $why)))
  (func $catch (param $why i32)
    (if (i32.ne (local.get $why) (block $caught (result i32)
        (try_table (catch $refusal $caught) (call $refuse (local.get $why)))
        (i32.const -1)))
      (then unreachable)))
  (func $keep (param $left i32)
    (loop $more
      (global.set $kept (struct.new $node (global.get $kept) (i64.const 0)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left))))
  (func $misbehave (param $how i32)
    (if (i32.eq (local.get $how) (i32.const 0x64)) (then
      (drop (memory.grow (i32.const 60000)))
      (drop (i32.div_u (i32.const 1) (i32.const 0)))))
    (if (i32.eq (local.get $how) (i32.const 0x65)) (then (call $refuse (i32.const 1))))
    (if (i32.eq (local.get $how) (i32.const 0x6b)) (then
      (loop $more (call $keep (i32.const 1000)) (br $more))))
    (if (i32.eq (local.get $how) (i32.const 0x73)) (then (drop (array.new_default $bytes (i32.const 0x7fff0000)))))
    (if (i32.eq (local.get $how) (i32.const 0x6c)) (then (loop $ever (call $garbage) (br $ever)))))
  (func (export "weir:interceptor/plugin@0.1.0#configure") (param i32 i32) (result i32) (i32.const 1056))
  (func (export "weir:interceptor/plugin@0.1.0#process") (param $batch i32) (result i32) (local $row i32) (local $rows i32)
    (local.set $rows (i32.load offset=12 (local.get $batch)))
    (memory.fill (i32.const 4096) (i32.const 0) (i32.const 192))
    (block $done (loop $next
      (br_if $done (i32.eq (local.get $row) (local.get $rows)))
      (if (i32.eq (call $byte (local.get $batch) (local.get $row) (i32.const 0)) (i32.const 0x21))
        (then (call $misbehave (call $byte (local.get $batch) (local.get $row) (i32.const 1)))))
      (call $garbage)
      (call $catch (local.get $row))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $next)))
    (i32.const 4096)))
