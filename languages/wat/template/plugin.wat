;; Routes records by their type: drops those of type `debug`, and sets aside those without a user.
;;
;; weir loads this text as it is. It is also a reference: everything that a plugin in any language exchanges with weir goes
;; through the canonical ABI of the component model, and here nothing hides it.
;;
;; How values lie in memory (32-bit, little-endian), as far as the interface needs it:
;;
;;   u8, bool, enum       1 byte            flags (up to 16)   2 bytes, the first flag is bit 0
;;   u32, s32             4 bytes           s64                8 bytes, aligned to 8
;;   string, list<T>      8 bytes, aligned to 4: pointer, then length (of a string in bytes, of a list in elements)
;;   record               its fields in order, each aligned to its own alignment; as large as a multiple of the largest one
;;   variant, result      1 byte for the case, then, aligned for the largest case, what it carries
;;   option               a variant: 0 none, 1 some
;;
;; A pointer has to be aligned and to lie within memory even where a list is empty; where the length is 0 nothing is read.
;;
;; How functions are called: parameters are passed one by one (a string or list as two i32) as long as they are at most 16
;; values, else as one pointer to the record of them all. What is more than one value is returned as a pointer. So:
;;
;;   describe    [] -> [description's address]
;;   configure   [pointer, length of the config] -> [address of a result<plan, string>]
;;   process     [batch's address] -> [address of a result<edits, string>]
;;
;; Who owns what: weir calls cabi_realloc for every list and string that it passes, before the call; they are the plugin's. What
;; the plugin returns is read by weir, which then calls `cabi_post_…` with what the function returned: now it may be freed.
;;
;; The sizes and offsets of every type:
;;
;;   description   32   name 0, version 8, summary 16, config-schema 24
;;   plan          28   inputs 0, all-headers 8, effects 10, header-names 12, topics 20
;;   input         28   case 0, payload 4: a header's name, or a member or capture
;;   source        12   case 0 (0 key, 1 value, 2 header), header's name 4
;;   member        20   source 0, pointer 12
;;   capture       24   source 0, pattern 12, group 20
;;   batch         76   topic 0, partition 8, count 12, columns 16, headers 24 (option; the table at 28)
;;   column        28   case 0 (0 bytes, 1 ints), the column 4
;;   bytes-column  24   offsets 0, data 8, nulls 16
;;   int-column    16   values 0, nulls 8
;;   header-table  48   starts 0, names 8, name-index 16, cells 24
;;   edits        188   expand 0, verdicts 12, reasons 20, headers 48, key 56, value 96, timestamps 136, route 156, partitions 176
;;                      (all but verdicts and headers are options: the payload lies 4 behind)
;;   header-edit   48   name 0, op 8 (0 set, 1 append, 2 remove), cells 12
;;   cells         36   case 0 (0 constant, 1 each, 2 sparse), payload 4: an option of bytes (case 4, bytes 8), a bytes-column,
;;                      or rows 4 and a bytes-column 12
;;   routing       16   topics 0, index 8
;;
;;   input's cases: 0 key, 1 value, 2 header, 3 timestamp, 4 timestamp-type, 5 received, 6 offset, 7 json, 8 json-int, 9 capture
;;   effects' bits: 1 key, 2 value, 4 timestamp, 8 headers, 16 route, 32 partition, 64 drop, 128 dead-letter, 256 expand
;;
;; The result of configure and process has its case at 0 (0 ok, 1 error), and the plan, the edits or the error's text at 4.

(module
  ;; What weir gives. This plugin needs none of it; a module imports only what it calls.
  ;;
  ;;   level: 0 debug, 1 info, 2 warn, 3 error; then the message
  ;;   (import "weir:interceptor/host@0.1.0" "log" (func $log (param $level i32) (param $message i32) (param $length i32)))
  ;;
  ;;   (import "weir:interceptor/host@0.1.0" "count" (func $count (param $name i32) (param $length i32) (param $by i32)))
  ;;
  ;;   The name of a file; then the address where an option<list<u8>> (12 bytes: case 0, bytes 4) is written. Inside configure only.
  ;;   (import "weir:interceptor/lookup@0.1.0" "get" (func $get (param $name i32) (param $length i32) (param $answer i32)))

  (memory (export "memory") 1)

  ;; ------------------------------------------------------------------------------------------------------- constants

  ;; Ends with a zero byte, because its length changes with the name of your project. Room for 255 letters.
  (data (i32.const 1024) "my-plugin\00")
  (data (i32.const 1280) "0.1.0")                            ;; 5
  (data (i32.const 1288) "Routes records by their type.")    ;; 29
  (data (i32.const 1320)                                     ;; 103
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
    "\"type\":\"object\",\"additionalProperties\":false}")
  (data (i32.const 1536) "type")                             ;; 4
  (data (i32.const 1544) "/userId")                          ;; 7
  (data (i32.const 1552) "seen-by")                          ;; 7
  (data (i32.const 1560) "weir")                             ;; 4
  (data (i32.const 1568) "clicks")                           ;; 6
  (data (i32.const 1576) "views")                            ;; 5
  (data (i32.const 1584) "debug")                            ;; 5
  (data (i32.const 1592) "click")                            ;; 5
  (data (i32.const 1600) "view")                             ;; 4
  (data (i32.const 1608) "no userId")                        ;; 9
  (data (i32.const 1624) ": this plugin has no options, write {}") ;; 38

  ;; Where answers are made. One call runs at a time, so that one place for each is enough.
  (global $description i32 (i32.const 2048))   ;; 32 bytes
  (global $planned i32 (i32.const 2080))       ;; 32: result<plan, string>
  (global $inputs i32 (i32.const 2112))        ;; 56: two inputs
  (global $header_names i32 (i32.const 2168))  ;; 8: one string
  (global $topics i32 (i32.const 2176))        ;; 16: two strings
  (global $header_edits i32 (i32.const 2192))  ;; 48: one header-edit
  (global $edited i32 (i32.const 2240))        ;; 192: result<edits, string>

  ;; ---------------------------------------------------------------------------------------------------------- memory

  ;; What belongs to a call lies from here on, one after the other, and goes at once when the call is over.
  (global $heap_begin i32 (i32.const 4096))
  (global $heap (mut i32) (i32.const 4096))

  ;; Returns $size bytes, aligned. Without memory it traps, and weir says that the limit was reached.
  (func $alloc (param $size i32) (param $align i32) (result i32)
    (local $at i32)
    ;; at = (heap + align - 1) & -align
    (local.set $at
      (i32.and
        (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (loop $grow
      (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
        (then
          (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
          (br $grow))))
    (local.get $at))

  ;; weir takes memory by this for what it passes. It would also grow a block (old address and size), but never does that for
  ;; strings that are UTF-8 and for lists.
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (if (local.get $old) (then unreachable))
    (call $alloc (local.get $size) (local.get $align)))

  (func $free_all (param $result i32)
    (global.set $heap (global.get $heap_begin)))
  (export "cabi_post_weir:interceptor/plugin@0.1.0#configure" (func $free_all))
  (export "cabi_post_weir:interceptor/plugin@0.1.0#process" (func $free_all))

  ;; Writes a string or list: pointer and length.
  (func $put (param $at i32) (param $pointer i32) (param $length i32)
    (i32.store (local.get $at) (local.get $pointer))
    (i32.store offset=4 (local.get $at) (local.get $length)))

  ;; -------------------------------------------------------------------------------------------------------- describe

  (func (export "weir:interceptor/plugin@0.1.0#describe") (result i32)
    (local $length i32)
    (loop $count
      (if (i32.load8_u (i32.add (i32.const 1024) (local.get $length)))
        (then
          (local.set $length (i32.add (local.get $length) (i32.const 1)))
          (br $count))))
    (call $put (global.get $description) (i32.const 1024) (local.get $length))
    (call $put (i32.add (global.get $description) (i32.const 8)) (i32.const 1280) (i32.const 5))
    (call $put (i32.add (global.get $description) (i32.const 16)) (i32.const 1288) (i32.const 29))
    (call $put (i32.add (global.get $description) (i32.const 24)) (i32.const 1320) (i32.const 103))
    (global.get $description))

  ;; ------------------------------------------------------------------------------------------------------- configure

  (func (export "weir:interceptor/plugin@0.1.0#configure") (param $text i32) (param $length i32) (result i32)
    (local $plan i32)
    (local $input i32)
    (if (i32.eqz (call $is_empty_object (local.get $text) (local.get $length)))
      (then
        ;; An error is one mistake a line: a JSON pointer into the config (here of its root, ""), `: `, and what is wrong.
        (i32.store8 (global.get $planned) (i32.const 1))
        (call $put (i32.add (global.get $planned) (i32.const 4)) (i32.const 1624) (i32.const 38))
        (return (global.get $planned))))
    (i32.store8 (global.get $planned) (i32.const 0))
    (local.set $plan (i32.add (global.get $planned) (i32.const 4)))

    ;; inputs: column 0 is header("type") …
    (call $put (local.get $plan) (global.get $inputs) (i32.const 2))
    (local.set $input (global.get $inputs))
    (i32.store8 (local.get $input) (i32.const 2))
    (call $put (i32.add (local.get $input) (i32.const 4)) (i32.const 1536) (i32.const 4))
    ;; … and column 1 is json({ source: value, pointer: "/userId" }).
    (local.set $input (i32.add (global.get $inputs) (i32.const 28)))
    (i32.store8 (local.get $input) (i32.const 7))
    (i32.store8 offset=4 (local.get $input) (i32.const 1))
    (call $put (i32.add (local.get $input) (i32.const 16)) (i32.const 1544) (i32.const 7))

    ;; all-headers: false. effects: headers 8, route 16, drop 64, dead-letter 128.
    (i32.store8 offset=8 (local.get $plan) (i32.const 0))
    (i32.store16 offset=10 (local.get $plan) (i32.const 216))

    ;; header-names: ["seen-by"]
    (call $put (i32.add (local.get $plan) (i32.const 12)) (global.get $header_names) (i32.const 1))
    (call $put (global.get $header_names) (i32.const 1552) (i32.const 7))

    ;; topics: ["clicks", "views"]
    (call $put (i32.add (local.get $plan) (i32.const 20)) (global.get $topics) (i32.const 2))
    (call $put (global.get $topics) (i32.const 1568) (i32.const 6))
    (call $put (i32.add (global.get $topics) (i32.const 8)) (i32.const 1576) (i32.const 5))
    (global.get $planned))

  ;; Whether the text is `{}`, with or without space.
  (func $is_empty_object (param $text i32) (param $length i32) (result i32)
    (local $end i32)
    (local $letter i32)
    (local $seen i32)
    (local.set $end (i32.add (local.get $text) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $text) (local.get $end)))
        (local.set $letter (i32.load8_u (local.get $text)))
        (local.set $text (i32.add (local.get $text) (i32.const 1)))
        ;; In JSON everything up to the blank is space, or not allowed: weir passes valid JSON only.
        (br_if $next (i32.le_u (local.get $letter) (i32.const 0x20)))
        ;; The first letter is `{`, the second `}`, and there is no third.
        (if (i32.ne
              (local.get $letter)
              (select (i32.const 0x7d) (i32.const 0x7b) (local.get $seen)))
          (then (return (i32.const 0))))
        (local.set $seen (i32.add (local.get $seen) (i32.const 1)))
        (br_if $next (i32.le_u (local.get $seen) (i32.const 2)))
        (return (i32.const 0))))
    (i32.eq (local.get $seen) (i32.const 2)))

  ;; --------------------------------------------------------------------------------------------------------- process

  ;; Whether cell $row of a bytes-column is null. weir always sends a byte for each cell.
  (func $is_null (param $column i32) (param $row i32) (result i32)
    (i32.load8_u (i32.add (i32.load offset=16 (local.get $column)) (local.get $row))))

  ;; Whether cell $row of a bytes-column is this text. The cell is data[offsets[row] .. offsets[row + 1]].
  (func $cell_is (param $column i32) (param $row i32) (param $text i32) (param $length i32) (result i32)
    (local $offset i32)
    (local $cell i32)
    (local $i i32)
    (if (call $is_null (local.get $column) (local.get $row)) (then (return (i32.const 0))))
    (local.set $offset
      (i32.add (i32.load (local.get $column)) (i32.mul (local.get $row) (i32.const 4))))
    (if (i32.ne
          (i32.sub (i32.load offset=4 (local.get $offset)) (i32.load (local.get $offset)))
          (local.get $length))
      (then (return (i32.const 0))))
    (local.set $cell (i32.add (i32.load offset=8 (local.get $column)) (i32.load (local.get $offset))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $i) (local.get $length)))
        (if (i32.ne
              (i32.load8_u (i32.add (local.get $cell) (local.get $i)))
              (i32.load8_u (i32.add (local.get $text) (local.get $i))))
          (then (return (i32.const 0))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func (export "weir:interceptor/plugin@0.1.0#process") (param $batch i32) (result i32)
    (local $rows i32)
    (local $types i32)
    (local $users i32)
    (local $verdicts i32)
    (local $index i32)
    (local $reason_offsets i32)
    (local $reason_data i32)
    (local $reason_end i32)
    (local $edits i32)
    (local $row i32)
    (local $verdict i32)
    (local $topic i32)

    ;; The columns lie one after the other, 28 bytes each; the bytes-column is 4 behind the case.
    (local.set $rows (i32.load offset=12 (local.get $batch)))
    (local.set $types (i32.add (i32.load offset=16 (local.get $batch)) (i32.const 4)))
    (local.set $users (i32.add (local.get $types) (i32.const 28)))

    ;; For every row: a verdict, a topic, and a reason of at most 9 bytes. The first offset is 0.
    (local.set $verdicts (call $alloc (local.get $rows) (i32.const 1)))
    (local.set $index (call $alloc (i32.mul (local.get $rows) (i32.const 4)) (i32.const 4)))
    (local.set $reason_offsets
      (call $alloc (i32.mul (i32.add (local.get $rows) (i32.const 1)) (i32.const 4)) (i32.const 4)))
    (local.set $reason_data (call $alloc (i32.mul (local.get $rows) (i32.const 9)) (i32.const 1)))
    (i32.store (local.get $reason_offsets) (i32.const 0))

    ;; A batch is never empty, so that the test may stand at the end.
    (loop $next
      (local.set $verdict (i32.const 0)) ;; keep
      (local.set $topic (i32.const -1))  ;; leave
      (block $decided
        (if (call $cell_is (local.get $types) (local.get $row) (i32.const 1584) (i32.const 5)) ;; debug
          (then
            (local.set $verdict (i32.const 1)) ;; drop
            (br $decided)))
        (if (call $is_null (local.get $users) (local.get $row))
          (then
            (local.set $verdict (i32.const 2)) ;; dead-letter
            (memory.copy
              (i32.add (local.get $reason_data) (local.get $reason_end))
              (i32.const 1608)
              (i32.const 9))
            (local.set $reason_end (i32.add (local.get $reason_end) (i32.const 9)))
            (br $decided)))
        (if (call $cell_is (local.get $types) (local.get $row) (i32.const 1592) (i32.const 5)) ;; click
          (then
            (local.set $topic (i32.const 0))
            (br $decided)))
        (if (call $cell_is (local.get $types) (local.get $row) (i32.const 1600) (i32.const 4)) ;; view
          (then (local.set $topic (i32.const 1)))))
      (i32.store8 (i32.add (local.get $verdicts) (local.get $row)) (local.get $verdict))
      (i32.store
        (i32.add (local.get $index) (i32.mul (local.get $row) (i32.const 4)))
        (local.get $topic))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (i32.store
        (i32.add (local.get $reason_offsets) (i32.mul (local.get $row) (i32.const 4)))
        (local.get $reason_end))
      (br_if $next (i32.lt_u (local.get $row) (local.get $rows))))

    ;; No change at all is 192 zero bytes: ok, every option none, every list empty. (An empty list's pointer 0 is aligned.)
    (memory.fill (global.get $edited) (i32.const 0) (i32.const 192))
    (local.set $edits (i32.add (global.get $edited) (i32.const 4)))

    (call $put (i32.add (local.get $edits) (i32.const 12)) (local.get $verdicts) (local.get $rows))

    ;; reasons: some, a bytes-column without nulls. Where nobody asks for a reason the cell is empty.
    (i32.store8 offset=20 (local.get $edits) (i32.const 1))
    (call $put
      (i32.add (local.get $edits) (i32.const 24))
      (local.get $reason_offsets)
      (i32.add (local.get $rows) (i32.const 1)))
    (call $put (i32.add (local.get $edits) (i32.const 32)) (local.get $reason_data) (local.get $reason_end))

    ;; headers: set `seen-by` to constant(some("weir")). What is dropped or set aside is not changed by it.
    (call $put (i32.add (local.get $edits) (i32.const 48)) (global.get $header_edits) (i32.const 1))
    (call $put (global.get $header_edits) (i32.const 1552) (i32.const 7))
    (i32.store8 offset=8 (global.get $header_edits) (i32.const 0))  ;; op: set
    (i32.store8 offset=12 (global.get $header_edits) (i32.const 0)) ;; cells: constant
    (i32.store8 offset=16 (global.get $header_edits) (i32.const 1)) ;; some
    (call $put (i32.add (global.get $header_edits) (i32.const 20)) (i32.const 1560) (i32.const 4))

    ;; route: some. The topics are those of the plan, which lie there since configure.
    (i32.store8 offset=156 (local.get $edits) (i32.const 1))
    (call $put (i32.add (local.get $edits) (i32.const 160)) (global.get $topics) (i32.const 2))
    (call $put (i32.add (local.get $edits) (i32.const 168)) (local.get $index) (local.get $rows))
    (global.get $edited)))
