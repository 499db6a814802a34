/// @file
/// The SDK of weir's plugins, interface 0.1, for C (from C11) and C++.
///
/// One header, no generator and no libc: on wasm32 the structs below are the interface's own layout. A plugin defines
/// weir_describe, weir_configure and weir_process; one of its files says `#define WEIR_IMPLEMENTATION` before it
/// includes this header.
///
/// Memory comes from an arena (weir_alloc) and is never freed piece by piece. What weir_configure allocates stays for
/// the life of the instance; what a batch allocates, the batch itself included, goes when its answer was read.
#ifndef WEIR_H
#define WEIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Text and lists ----

/// Bytes that are not changed: text, a key, a cell. Not ended by a zero. A null pointer stands for null.
typedef struct {
  const char *ptr;
  uint32_t len;
} weir_str;

typedef struct {
  uint8_t *ptr;
  uint32_t len;
} weir_u8s;
typedef struct {
  uint32_t *ptr;
  uint32_t len;
} weir_u32s;
typedef struct {
  int32_t *ptr;
  uint32_t len;
} weir_s32s;
typedef struct {
  int64_t *ptr;
  uint32_t len;
} weir_s64s;
typedef struct {
  weir_str *ptr;
  uint32_t len;
} weir_strs;

/// Returns the text that a C string has.
static inline weir_str weir_text(const char *text) {
  weir_str made = {text, (uint32_t)__builtin_strlen(text)};
  return made;
}

/// Tells whether two texts are the same bytes; null equals nothing.
static inline bool weir_equal(weir_str a, weir_str b) {
  return a.ptr && b.ptr && a.len == b.len && __builtin_memcmp(a.ptr, b.ptr, a.len) == 0;
}

/// Tells whether a text has the bytes of a C string; null equals nothing.
static inline bool weir_is(weir_str a, const char *b) { return weir_equal(a, weir_text(b)); }

// ---- Memory ----

/// Returns zeroed memory for `count` things of `size` bytes, aligned to 8. Where there is no more memory the call ends.
void *weir_alloc(size_t count, size_t size);

/// Returns a copy with a zero at its end, for functions that take a C string, such as weir_input_header. A zero within
/// the text ends it, too.
const char *weir_c_string(weir_str text);

/// Text that grows piece by piece. Begin with `weir_builder text = {0};`.
typedef struct {
  char *ptr;
  uint32_t len, room;
} weir_builder;

/// Appends bytes.
void weir_add(weir_builder *to, weir_str bytes);

/// Appends a C string.
void weir_add_text(weir_builder *to, const char *text);

/// Appends an integer in decimal digits.
void weir_add_int(weir_builder *to, int64_t number);

/// Returns what was appended so far.
weir_str weir_built(const weir_builder *text);

// ---- The host ----

/// How much a log line matters.
typedef enum {
  WEIR_DEBUG, ///< Of use to the plugin's author.
  WEIR_INFO,  ///< What an operator asked to know.
  WEIR_WARN,  ///< Something went wrong and was made good.
  WEIR_ERROR  ///< Data is at risk or a person must act.
} weir_level;

/// Writes to weir's log, once the edits of the call are accepted. Call it once a batch at most.
void weir_log(weir_level level, weir_str message);

/// Adds to a metric of this interceptor, once the edits of the call are accepted. At most 64 names an interceptor;
/// adding 0 does nothing.
void weir_count(weir_str name, uint32_t by);

/// Looks up a file that the interceptor's table names under `files`. Works only inside weir_configure. Returns false
/// where there is no such file.
bool weir_lookup(weir_str name, weir_str *bytes);

/// Ends the call with a fault that says this and the place.
#define WEIR_PANIC(text) weir_panic(__FILE__, __LINE__, text)

/// Ends the call with a fault unless the condition holds.
#define WEIR_ASSERT(condition) ((condition) ? (void)0 : WEIR_PANIC("not true: " #condition))

/// What WEIR_PANIC calls.
__attribute__((noreturn)) void weir_panic(const char *file, int line, const char *text);

// ---- JSON ----

/// The kinds of JSON values.
typedef enum {
  WEIR_JSON_NULL,
  WEIR_JSON_BOOL,
  WEIR_JSON_NUMBER,
  WEIR_JSON_STRING,
  WEIR_JSON_ARRAY,
  WEIR_JSON_OBJECT
} weir_json_kind;

/// A JSON value.
typedef struct weir_json {
  weir_json_kind kind;
  /// Of a bool.
  bool is_true;
  /// Whether a number is an integer that `integer` can hold.
  bool is_integer;
  int64_t integer;
  /// Of a number; exact up to 15 digits and powers of ten up to 22, else good to about 15 digits.
  double number;
  /// Of a string, with its escapes resolved.
  weir_str text;
  /// The JSON text of the value.
  weir_str raw;
  /// The name of a member of an object.
  weir_str name;
  /// The place in an array.
  uint32_t index;
  /// How many items or members there are.
  uint32_t count;
  const struct weir_json *parent;
  /// The first item of an array or member of an object; the others follow by `next`.
  struct weir_json *first;
  struct weir_json *next;
} weir_json;

/// Reads a JSON text. Returns null where it is none, and then says why.
const weir_json *weir_json_read(weir_str text, const char **error);

/// Returns the member of that name, the last of several; null where there is none or this is not an object.
const weir_json *weir_json_get(const weir_json *object, const char *name);

/// Returns the RFC 6901 pointer to a value within its document.
weir_str weir_json_pointer(const weir_json *json);

// ---- What a plugin is and what it reads ----

/// What a plugin is.
typedef struct {
  weir_str name;          ///< In kebab-case.
  weir_str version;       ///< Its own, such as "1.2.0".
  weir_str summary;       ///< What it does, in a sentence.
  weir_str config_schema; ///< JSON Schema of the config.
} weir_description;

/// Where a capture or a member is looked for.
typedef struct {
  uint8_t tag;
  weir_str header;
} weir_source;

/// A column that a plugin reads; made by the weir_input_ functions.
typedef struct {
  uint8_t tag;
  union {
    weir_str header;
    struct {
      weir_source source;
      weir_str text;
      uint32_t group;
    } of;
  } val;
} weir_input;

/// The key (bytes), null where the record has none.
weir_input weir_input_key(void);
/// The value (bytes), null in a tombstone.
weir_input weir_input_value(void);
/// The last header of that name (bytes).
weir_input weir_input_header(const char *name);
/// The record's timestamp (ints): ms since the epoch, null where it has none.
weir_input weir_input_timestamp(void);
/// Where the timestamp comes from (ints): 0 create time, 1 log append time, null unknown.
weir_input weir_input_timestamp_type(void);
/// When weir fetched the record (ints): ms since the epoch. It is the only clock, and with it a replay differs from a
/// run.
weir_input weir_input_received(void);
/// The record's offset in its partition (ints).
weir_input weir_input_offset(void);
/// A member of the value, by RFC 6901 pointer (bytes): strings unescaped, anything else as its JSON text; null where
/// the value is not a JSON document, the member is missing, or it is `null`.
weir_input weir_input_json(const char *pointer);
/// The same as an integer (ints), also from a string of digits with a sign; null for anything else.
weir_input weir_input_json_int(const char *pointer);
/// A group of the first match of a regular expression in the value (bytes), null where nothing matches or the group
/// took no part. The host runs it: the syntax is that of Rust's regex crate, and group 0 is the whole match.
weir_input weir_input_capture(const char *pattern, uint32_t group);
/// Looks in the key instead. Of use for json, json_int and capture.
weir_input weir_of_key(weir_input input);
/// Looks in the last header of that name instead. Of use for json, json_int and capture.
weir_input weir_of_header(weir_input input, const char *name);

/// What a plugin may do to a record; combine them with |.
enum {
  WEIR_EFFECT_KEY = 1 << 0,         ///< Writes keys.
  WEIR_EFFECT_VALUE = 1 << 1,       ///< Writes values.
  WEIR_EFFECT_TIMESTAMP = 1 << 2,   ///< Writes timestamps.
  WEIR_EFFECT_HEADERS = 1 << 3,     ///< Writes or removes headers; weir_plan_header_name implies it.
  WEIR_EFFECT_ROUTE = 1 << 4,       ///< Chooses topics; weir_plan_topic implies it.
  WEIR_EFFECT_PARTITION = 1 << 5,   ///< Chooses partitions.
  WEIR_EFFECT_DROP = 1 << 6,        ///< Drops records.
  WEIR_EFFECT_DEAD_LETTER = 1 << 7, ///< Sets records aside.
  WEIR_EFFECT_EXPAND = 1 << 8       ///< Makes several records of one.
};

/// What a plugin reads and may change. weir passes nothing else to the plugin, and takes an edit that was not declared
/// for a fault.
typedef struct {
  struct {
    weir_input *ptr;
    uint32_t len;
  } inputs;
  uint8_t all_headers;
  uint16_t effects;
  weir_strs header_names;
  weir_strs topics;
} weir_plan;

/// Reads one column more, and returns its number in every batch.
uint32_t weir_plan_input(weir_plan *plan, weir_input input);
/// Also reads all headers of every record. It costs a copy of all of them.
void weir_plan_all_headers(weir_plan *plan);
/// Allows these effects too.
void weir_plan_effects(weir_plan *plan, unsigned effects);
/// Allows to write and remove this header too; "*" is any. The name is not copied.
void weir_plan_header_name(weir_plan *plan, weir_str name);
/// Allows to route to this topic too: a name, or a pattern with *. The name is not copied.
void weir_plan_topic(weir_plan *plan, weir_str topic);

// ---- The config ----

/// What is wrong with a config: one mistake a line.
typedef struct {
  weir_builder lines;
} weir_mistakes;

/// Notes a mistake at a value of the config. The message is in lower case and without a full stop.
void weir_mistake(weir_mistakes *mistakes, const weir_json *at, weir_str message);

/// Notes a mistake for every member that is not one of these names. Returns false where `object` is null or not an
/// object.
bool weir_config_keys(weir_mistakes *mistakes, const weir_json *object, const char *const *names, size_t count);

/// Return the member of that name, or `otherwise` where there is none. A wrong type is a mistake.
weir_str weir_config_text(weir_mistakes *mistakes, const weir_json *object, const char *name, weir_str otherwise);
/// As weir_config_text.
int64_t weir_config_int(weir_mistakes *mistakes, const weir_json *object, const char *name, int64_t otherwise);
/// As weir_config_text.
double weir_config_number(weir_mistakes *mistakes, const weir_json *object, const char *name, double otherwise);
/// As weir_config_text.
bool weir_config_bool(weir_mistakes *mistakes, const weir_json *object, const char *name, bool otherwise);
/// Returns the member of that name and kind, null where there is none. A wrong kind is a mistake.
const weir_json *weir_config_member(weir_mistakes *mistakes, const weir_json *object, const char *name,
                                    weir_json_kind kind);

// ---- A batch ----

/// A column of bytes: cell i is data[offsets[i]..offsets[i+1]].
typedef struct {
  weir_u32s offsets;
  weir_u8s data;
  weir_u8s nulls;
} weir_bytes;

/// A column of integers.
typedef struct {
  weir_s64s values;
  weir_u8s nulls;
} weir_ints;

/// A column of either kind: tag 0 bytes, 1 ints.
typedef struct {
  uint8_t tag;
  union {
    weir_bytes bytes;
    weir_ints ints;
  } val;
} weir_column;

/// All headers of a batch. Row i owns the entries from starts[i] up to starts[i+1].
typedef struct {
  weir_u32s starts;
  weir_strs names;
  weir_u32s name_index;
  weir_bytes cells;
} weir_headers;

/// Consecutive records of one partition, never empty. Valid until weir_process returns.
typedef struct {
  weir_str topic;
  int32_t partition;
  uint32_t count; ///< How many records; rows are numbered from 0.
  struct {
    weir_column *ptr;
    uint32_t len;
  } columns;
  struct {
    uint8_t is_some;
    weir_headers val;
  } headers;
} weir_batch;

/// Returns a column of the plan, one of bytes. Any other ends the call with a fault.
const weir_bytes *weir_batch_bytes(const weir_batch *batch, uint32_t column);

/// Returns a column of the plan, one of integers. Any other ends the call with a fault.
const weir_ints *weir_batch_ints(const weir_batch *batch, uint32_t column);

/// Returns the cell of a row, without a copy; its pointer is null where the cell is null.
static inline weir_str weir_cell(const weir_bytes *column, uint32_t row) {
  weir_str cell = {NULL, 0};
  if (!column->nulls.ptr[row]) {
    cell.ptr = (const char *)column->data.ptr + column->offsets.ptr[row];
    cell.len = column->offsets.ptr[row + 1] - column->offsets.ptr[row];
  }
  return cell;
}

/// Tells whether the cell of a row is null.
static inline bool weir_is_null(const weir_bytes *column, uint32_t row) { return column->nulls.ptr[row] != 0; }

/// Reads the cell of a row. Returns false, and leaves `cell` alone, where it is null.
static inline bool weir_int(const weir_ints *column, uint32_t row, int64_t *cell) {
  if (column->nulls.ptr[row])
    return false;
  *cell = column->values.ptr[row];
  return true;
}

/// A header of a record. The value's pointer is null where the value is null.
typedef struct {
  weir_str name, value;
} weir_header;

/// Returns how many headers a row has. Needs weir_plan_all_headers, as do the next two.
uint32_t weir_header_count(const weir_batch *batch, uint32_t row);

/// Returns a header of a row; they are numbered from 0.
weir_header weir_header_at(const weir_batch *batch, uint32_t row, uint32_t at);

/// Reads a row's last header of that name. Returns false where there is none.
bool weir_header_last(const weir_batch *batch, uint32_t row, weir_str name, weir_str *value);

// ---- Edits ----

/// The changes to the rows of a batch. Rows that they do not speak of stay as they are. Naming a row that is not there
/// fails the batch with a message. Of a row written twice, the last counts. All bytes and names are copied.
typedef struct weir_edits weir_edits;

/// What is written to the rows of a batch: the same to all, or to each row its own bytes or null. Rows may be written
/// in any order (ascending is cheapest). A row that is not written is left alone.
typedef struct weir_cells weir_cells;

/// Says that the batch as a whole could not be processed. weir then tries halves of it, down to the record that is the
/// cause. For a record that is wrong see weir_dead_letter.
void weir_fail(weir_edits *edits, weir_str why);

/// Returns how many rows the edits speak of: the batch's, or after weir_expand that of its rows.
uint32_t weir_rows(const weir_edits *edits);

/// Makes new rows: row j is a copy of the batch's row sources[j], ascending; a row of the batch that is not named is
/// dropped, which needs WEIR_EFFECT_DROP. All other edits speak of the new rows, so it comes first. Needs
/// WEIR_EFFECT_EXPAND.
void weir_expand(weir_edits *edits, const uint32_t *sources, uint32_t count);

/// Drops a row: it goes nowhere and is counted as dropped. Needs WEIR_EFFECT_DROP.
void weir_drop(weir_edits *edits, uint32_t row);

/// Sets the record aside, as it came, with the reason (at most 1 KiB of it is kept). All rows that came from that
/// record go with it. Needs WEIR_EFFECT_DEAD_LETTER.
void weir_dead_letter(weir_edits *edits, uint32_t row, weir_str reason);

/// Sets the headers of that name: the first keeps its place and takes the value, the others go; a row without one gets
/// it at the end. Called again with the same name it goes on with the same cells.
weir_cells *weir_set_header(weir_edits *edits, weir_str name);

/// Adds a header at the end, whatever is there. A row written twice gets two headers, and one written besides weir_all
/// gets that first. Of several names, all headers of the one that was named first come first.
weir_cells *weir_append_header(weir_edits *edits, weir_str name);

/// Removes all headers of that name from a row.
void weir_remove_header(weir_edits *edits, uint32_t row, weir_str name);

/// Removes all headers of that name from every row.
void weir_remove_header_all(weir_edits *edits, weir_str name);

/// Writes keys. Needs WEIR_EFFECT_KEY.
weir_cells *weir_key(weir_edits *edits);

/// Writes values. Needs WEIR_EFFECT_VALUE.
weir_cells *weir_value(weir_edits *edits);

/// Writes bytes, which may be empty, to a row.
void weir_row(weir_cells *cells, uint32_t row, weir_str bytes);
/// Writes null to a row.
void weir_row_null(weir_cells *cells, uint32_t row);
/// Writes the same bytes to every row that is not written on its own.
void weir_all(weir_cells *cells, weir_str bytes);
/// Writes null to every row that is not written on its own.
void weir_all_null(weir_cells *cells);

/// Writes a row's timestamp: ms since the epoch. Needs WEIR_EFFECT_TIMESTAMP.
void weir_timestamp(weir_edits *edits, uint32_t row, int64_t ms);

/// A topic within these edits.
typedef struct {
  uint32_t number;
} weir_topic;

/// Returns the number of a topic, for a plugin that routes row by row.
weir_topic weir_topic_of(weir_edits *edits, weir_str name);

/// The same without the search, for a plugin with a table of topics, which names each once. The same table in the same
/// order at every batch costs weir least.
weir_topic weir_new_topic(weir_edits *edits, weir_str name);

/// Routes a row to a topic. Needs weir_plan_topic.
void weir_route(weir_edits *edits, uint32_t row, weir_topic topic);

/// Routes a row to a topic by name.
void weir_route_to(weir_edits *edits, uint32_t row, weir_str topic);

/// Sends a row to a partition of its topic, from 0. Needs WEIR_EFFECT_PARTITION.
void weir_partition(weir_edits *edits, uint32_t row, uint32_t partition);

// ---- What a plugin defines ----

/// Says what the plugin is. May be called without weir_configure.
void weir_describe(weir_description *description);

/// Reads the config, which is valid JSON, and says what the plugin reads and may change, or every mistake of the
/// config. Called once an instance, sometimes only to validate a config.
void weir_configure(const weir_json *config, weir_plan *plan, weir_mistakes *mistakes);

/// Says what changes in a batch. Keep nothing that matters between two batches: weir may discard an instance at any
/// time, and no answer may depend on where a batch was cut.
void weir_process(const weir_batch *batch, weir_edits *edits);

// ---- What the host reads ----
// For the implementation and for tests; a plugin does not need it.

typedef struct {
  uint8_t is_some;
  weir_bytes val;
} weir_option_bytes;

typedef struct {
  uint8_t tag; // 0 constant, 1 each, 2 sparse
  union {
    struct {
      uint8_t is_some;
      weir_u8s val;
    } constant;
    weir_bytes each;
    struct {
      weir_u32s rows;
      weir_bytes cells;
    } sparse;
  } val;
} weir_abi_cells;

typedef struct {
  weir_str name;
  uint8_t op; // 0 set, 1 append, 2 remove
  weir_abi_cells cells;
} weir_abi_header;

typedef struct {
  uint8_t is_some;
  weir_abi_cells val;
} weir_option_cells;

typedef struct {
  struct {
    uint8_t is_some;
    weir_u32s val;
  } expand;
  weir_u8s verdicts; // 0 keep, 1 drop, 2 dead letter
  weir_option_bytes reasons;
  struct {
    weir_abi_header *ptr;
    uint32_t len;
  } headers;
  weir_option_cells key, value;
  struct {
    uint8_t is_some;
    weir_ints val;
  } timestamps;
  struct {
    uint8_t is_some;
    weir_strs topics;
    weir_s32s index;
  } route;
  struct {
    uint8_t is_some;
    weir_s32s val;
  } partitions;
} weir_abi_edits;

/// Returns the edits of a batch of that many rows, to be filled.
weir_edits *weir_edits_new(uint32_t rows);

/// Writes what the host reads. Returns what is wrong with the edits, a null pointer where nothing is.
weir_str weir_edits_finish(weir_edits *edits, weir_abi_edits *answer);

#ifdef __cplusplus
}
#endif
#endif // WEIR_H

// ---- The implementation ----

#if defined(WEIR_IMPLEMENTATION) && !defined(WEIR_IMPLEMENTED)
#define WEIR_IMPLEMENTED

#ifdef __cplusplus
extern "C" {
#define WEIR_CHECK(condition) static_assert(condition, #condition)
#else
#define WEIR_CHECK(condition) _Static_assert(condition, #condition)
#endif

#ifdef __wasm32__
WEIR_CHECK(sizeof(weir_input) == 28 && sizeof(weir_plan) == 28);
WEIR_CHECK(sizeof(weir_column) == 28 && sizeof(weir_batch) == 76);
WEIR_CHECK(sizeof(weir_abi_header) == 48 && sizeof(weir_abi_edits) == 188);
#endif

enum { WEIR_LEAVE = -1, WEIR_VERDICT_DROP = 1, WEIR_VERDICT_DEAD_LETTER = 2 };
enum { WEIR_OP_SET, WEIR_OP_APPEND, WEIR_OP_REMOVE };
enum { WEIR_MARK_NONE, WEIR_MARK_BYTES, WEIR_MARK_NULL };
enum { WEIR_SHAPE_CONSTANT, WEIR_SHAPE_EACH, WEIR_SHAPE_SPARSE, WEIR_SHAPE_NOTHING };
enum { WEIR_DEEPEST = 64 };

// Memory: regions of whole pages. Without a libc there is one, which grows; a libc that takes pages, too, may come
// between.
typedef struct weir_region {
  struct weir_region *next;
  uintptr_t end;
} weir_region;

static weir_region *weir_first_region, *weir_region_now;
static uintptr_t weir_top;
// Where the memory of the instance ends and that of a call begins.
static weir_region *weir_kept_region;
static uintptr_t weir_kept_top;

#ifdef __wasm32__
#define WEIR_PAGE ((uintptr_t)65536)

static uintptr_t weir_memory_end(void) { return (uintptr_t)__builtin_wasm_memory_size(0) * WEIR_PAGE; }

// Returns where `bytes` more begin, 0 where there are none. The end of memory is where they end.
static uintptr_t weir_more_memory(uintptr_t bytes) {
  uintptr_t pages = (bytes + WEIR_PAGE - 1) / WEIR_PAGE;
  size_t before = __builtin_wasm_memory_grow(0, pages);
  return before == (size_t)-1 ? 0 : before * WEIR_PAGE;
}

static void weir_trap(void) { __builtin_trap(); }

__attribute__((import_module("weir:interceptor/host@0.1.0"), import_name("log"))) void
weir_host_log(uint32_t level, const char *message, uint32_t length);
__attribute__((import_module("weir:interceptor/host@0.1.0"), import_name("count"))) void
weir_host_count(const char *name, uint32_t length, uint32_t by);
__attribute__((import_module("weir:interceptor/lookup@0.1.0"), import_name("get"))) void
weir_host_lookup(const char *name, uint32_t length, void *answer);
#define WEIR_EXPORT(name) __attribute__((export_name(name)))
#else
// Natively, a test defines these.
uintptr_t weir_memory_end(void);
uintptr_t weir_more_memory(uintptr_t bytes);
void weir_trap(void);
void weir_host_log(uint32_t level, const char *message, uint32_t length);
void weir_host_count(const char *name, uint32_t length, uint32_t by);
void weir_host_lookup(const char *name, uint32_t length, void *answer);
#define WEIR_EXPORT(name)
#endif

static void weir_out_of_memory(void) {
  static const char text[] = "panic: no more memory";
  weir_host_log(WEIR_ERROR, text, sizeof text - 1);
  weir_trap();
}

// Makes room for `bytes` at weir_top.
static void weir_make_room(uintptr_t bytes) {
  uintptr_t needed = bytes + sizeof(weir_region) + 16;
  if (weir_region_now && weir_region_now->end == weir_memory_end()) {
    if (!weir_more_memory(needed))
      weir_out_of_memory();
    weir_region_now->end = weir_memory_end();
    return;
  }
  for (weir_region *next = weir_region_now ? weir_region_now->next : NULL; next; next = next->next) {
    if (next->end - (uintptr_t)(next + 1) >= needed) {
      weir_region_now = next;
      weir_top = (uintptr_t)(next + 1);
      return;
    }
  }
  // Twice as large as the last, so that there are few.
  weir_region *last = weir_first_region;
  while (last && last->next)
    last = last->next;
  uintptr_t twice = last ? 2 * (last->end - (uintptr_t)last) : 0;
  weir_region *made = (weir_region *)weir_more_memory(needed > twice ? needed : twice);
  if (!made) {
    weir_out_of_memory();
    return;
  }
  made->next = NULL;
  made->end = weir_memory_end();
  if (last)
    last->next = made;
  else
    weir_first_region = made;
  weir_region_now = made;
  weir_top = (uintptr_t)(made + 1);
}

static void *weir_take(uintptr_t bytes) {
  uintptr_t at = (weir_top + 7) & ~(uintptr_t)7;
  if (!weir_region_now || bytes > weir_region_now->end || at > weir_region_now->end - bytes) {
    weir_make_room(bytes);
    at = (weir_top + 7) & ~(uintptr_t)7;
  }
  weir_top = at + bytes;
  return (void *)at;
}

// Makes a block larger, in place where it is the last.
static void *weir_extend(void *block, uintptr_t from, uintptr_t to) {
  if (block && (uintptr_t)block + from == weir_top && to - from <= weir_region_now->end - weir_top) {
    weir_top += to - from;
    return block;
  }
  void *moved = weir_take(to);
  if (from)
    __builtin_memcpy(moved, block, from);
  return moved;
}

// What was allocated so far stays.
static void weir_keep(void) {
  weir_kept_region = weir_region_now;
  weir_kept_top = weir_top;
}

// Takes back what was allocated since weir_keep.
static void weir_forget(void) {
  weir_region_now = weir_kept_region ? weir_kept_region : weir_first_region;
  weir_top = weir_kept_region ? weir_kept_top : (uintptr_t)(weir_first_region + 1);
}

void *weir_alloc(size_t count, size_t size) {
  if (size && count > (size_t)0x7fffffff / size)
    weir_out_of_memory();
  void *block = weir_take(count * size);
  __builtin_memset(block, 0, count * size);
  return block;
}

// Makes room for one more item in a list, whose room is the power of two from its length on.
static void *weir_grow(void *list, uint32_t len, size_t size) {
  if (len & (len - 1))
    return list;
  return weir_extend(list, len * size, (len ? 2 * len : 1) * size);
}

void weir_add(weir_builder *to, weir_str bytes) {
  if (bytes.len > to->room - to->len) {
    uint32_t room = 2 * to->room + bytes.len + 16;
    to->ptr = (char *)weir_extend(to->ptr, to->room, room);
    to->room = room;
  }
  if (bytes.len)
    __builtin_memcpy(to->ptr + to->len, bytes.ptr, bytes.len);
  to->len += bytes.len;
}

void weir_add_text(weir_builder *to, const char *text) { weir_add(to, weir_text(text)); }

void weir_add_int(weir_builder *to, int64_t number) {
  char digits[20];
  uint32_t at = sizeof digits;
  uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  do {
    digits[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest);
  if (number < 0)
    digits[--at] = '-';
  weir_str text = {digits + at, (uint32_t)sizeof digits - at};
  weir_add(to, text);
}

weir_str weir_built(const weir_builder *text) {
  weir_str built = {text->ptr ? text->ptr : "", text->len};
  return built;
}

static weir_str weir_copy(weir_str text) {
  weir_str copy = {text.len ? (const char *)weir_take(text.len) : "", text.len};
  if (text.len)
    __builtin_memcpy((char *)copy.ptr, text.ptr, text.len);
  return copy;
}

const char *weir_c_string(weir_str text) {
  char *copy = (char *)weir_alloc((size_t)text.len + 1, 1);
  if (text.len)
    __builtin_memcpy(copy, text.ptr, text.len);
  return copy;
}

// The host.

void weir_log(weir_level level, weir_str message) { weir_host_log((uint32_t)level, message.ptr, message.len); }

void weir_count(weir_str name, uint32_t by) {
  if (by)
    weir_host_count(name.ptr, name.len, by);
}

bool weir_lookup(weir_str name, weir_str *bytes) {
  struct {
    uint8_t is_some;
    weir_str bytes;
  } answer = {0, {NULL, 0}};
  weir_host_lookup(name.ptr, name.len, &answer);
  if (answer.is_some)
    *bytes = answer.bytes;
  return answer.is_some;
}

__attribute__((noreturn)) void weir_panic(const char *file, int line, const char *text) {
  weir_builder message = {NULL, 0, 0};
  weir_add_text(&message, "panic: ");
  weir_add_text(&message, text);
  weir_add_text(&message, " at ");
  for (const char *at = file; *at; at++)
    if (*at == '/')
      file = at + 1;
  weir_add_text(&message, file);
  weir_add_text(&message, ":");
  weir_add_int(&message, line);
  weir_log(WEIR_ERROR, weir_built(&message));
  weir_trap();
  __builtin_unreachable();
}

// JSON.

typedef struct {
  const char *at, *end;
  const char *error;
} weir_reader;

static bool weir_json_value(weir_reader *reader, weir_json *json, int depth);

static bool weir_json_wrong(weir_reader *reader, const char *error) {
  if (!reader->error)
    reader->error = error;
  return false;
}

static char weir_json_peek(weir_reader *reader) {
  while (reader->at < reader->end &&
         (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r'))
    reader->at++;
  return reader->at < reader->end ? *reader->at : '\0';
}

static bool weir_json_word(weir_reader *reader, const char *word) {
  size_t length = __builtin_strlen(word);
  if ((size_t)(reader->end - reader->at) < length || __builtin_memcmp(reader->at, word, length) != 0)
    return weir_json_wrong(reader, "a value was expected");
  reader->at += length;
  return true;
}

static bool weir_json_hex(weir_reader *reader, uint32_t *code) {
  *code = 0;
  for (int digit = 0; digit < 4; digit++, reader->at++) {
    char c = reader->at < reader->end ? *reader->at : '\0';
    if (c >= '0' && c <= '9')
      *code = *code << 4 | (uint32_t)(c - '0');
    else if ((c | 32) >= 'a' && (c | 32) <= 'f')
      *code = *code << 4 | (uint32_t)((c | 32) - 'a' + 10);
    else
      return weir_json_wrong(reader, "\\u has four hexadecimal digits");
  }
  return true;
}

static char *weir_json_utf8(char *to, uint32_t code) {
  if (code < 0x80) {
    *to++ = (char)code;
    return to;
  }
  if (code < 0x800) {
    *to++ = (char)(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      *to++ = (char)(0xe0 | code >> 12);
    } else {
      *to++ = (char)(0xf0 | code >> 18);
      *to++ = (char)(0x80 | (code >> 12 & 0x3f));
    }
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
  }
  *to++ = (char)(0x80 | (code & 0x3f));
  return to;
}

// Half a pair of surrogates becomes U+FFFD.
static bool weir_json_unicode(weir_reader *reader, char **to) {
  uint32_t code, low;
  if (!weir_json_hex(reader, &code))
    return false;
  if (code >= 0xd800 && code < 0xdc00 && reader->end - reader->at >= 6 && reader->at[0] == '\\' &&
      reader->at[1] == 'u') {
    const char *before = reader->at;
    reader->at += 2;
    if (!weir_json_hex(reader, &low))
      return false;
    if (low >= 0xdc00 && low < 0xe000)
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    else
      reader->at = before;
  }
  if (code >= 0xd800 && code < 0xe000)
    code = 0xfffd;
  *to = weir_json_utf8(*to, code);
  return true;
}

// The text is read from behind the quote on.
static bool weir_json_string(weir_reader *reader, weir_str *text) {
  const char *begin = ++reader->at;
  while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\' && (unsigned char)*reader->at >= 0x20)
    reader->at++;
  text->ptr = begin;
  text->len = (uint32_t)(reader->at - begin);
  if (reader->at < reader->end && *reader->at == '"') {
    reader->at++;
    return true;
  }
  // No escape is shorter than what it stands for.
  char *copy = (char *)weir_take((uintptr_t)(reader->end - begin));
  __builtin_memcpy(copy, begin, text->len);
  char *to = copy + text->len;
  while (reader->at < reader->end && (unsigned char)*reader->at >= 0x20) {
    char c = *reader->at++;
    if (c == '"') {
      text->ptr = copy;
      text->len = (uint32_t)(to - copy);
      return true;
    }
    if (c != '\\') {
      *to++ = c;
      continue;
    }
    c = reader->at < reader->end ? *reader->at++ : '\0';
    switch (c) {
    case '"':
    case '\\':
    case '/':
      *to++ = c;
      break;
    case 'b':
      *to++ = '\b';
      break;
    case 'f':
      *to++ = '\f';
      break;
    case 'n':
      *to++ = '\n';
      break;
    case 'r':
      *to++ = '\r';
      break;
    case 't':
      *to++ = '\t';
      break;
    case 'u':
      if (!weir_json_unicode(reader, &to))
        return false;
      break;
    default:
      return weir_json_wrong(reader, "a string has an unknown escape");
    }
  }
  return weir_json_wrong(reader, "a string is not closed, or has a control character");
}

static bool weir_json_digit(const weir_reader *reader) {
  return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

static double weir_json_scaled(double mantissa, int power) {
  double factor = 1, base = 10;
  unsigned left = (unsigned)(power < 0 ? -power : power);
  for (; left; left >>= 1, base *= base)
    if (left & 1)
      factor *= base;
  return power < 0 ? mantissa / factor : mantissa * factor;
}

static bool weir_json_number(weir_reader *reader, weir_json *json) {
  bool is_negative = *reader->at == '-';
  uint64_t digits = 0;
  int power = 0, exponent = 0;
  bool is_exact = true, is_whole = true;
  reader->at += is_negative;
  if (!weir_json_digit(reader))
    return weir_json_wrong(reader, "a value was expected");
  if (*reader->at == '0' && reader->at + 1 < reader->end && reader->at[1] >= '0' && reader->at[1] <= '9')
    return weir_json_wrong(reader, "a number begins with 0");
  for (int part = 0; part < 2; part++) {
    for (; weir_json_digit(reader); reader->at++) {
      if (digits > (UINT64_MAX - 9) / 10) {
        is_exact = false;
        power += part == 0;
        continue;
      }
      digits = digits * 10 + (uint64_t)(*reader->at - '0');
      power -= part;
    }
    if (part || reader->at >= reader->end || *reader->at != '.')
      break;
    is_whole = false;
    reader->at++;
    if (!weir_json_digit(reader))
      return weir_json_wrong(reader, "a number ends with its point");
  }
  if (reader->at < reader->end && (*reader->at | 32) == 'e') {
    is_whole = false;
    reader->at++;
    bool is_small = reader->at < reader->end && *reader->at == '-';
    if (is_small || (reader->at < reader->end && *reader->at == '+'))
      reader->at++;
    if (!weir_json_digit(reader))
      return weir_json_wrong(reader, "a number has an empty exponent");
    for (; weir_json_digit(reader); reader->at++)
      if (exponent < 100000)
        exponent = exponent * 10 + (*reader->at - '0');
    power += is_small ? -exponent : exponent;
  }
  // 10^308 is the largest power that a double holds.
  double number = (double)digits;
  if (power < -308) {
    number = weir_json_scaled(number, -308);
    power = power + 308 < -308 ? -308 : power + 308;
  }
  if (number != 0)
    number = weir_json_scaled(number, power > 400 ? 400 : power);
  uint64_t largest = (uint64_t)INT64_MAX + is_negative;
  json->kind = WEIR_JSON_NUMBER;
  json->number = is_negative ? -number : number;
  json->is_integer = is_whole && is_exact && digits <= largest;
  if (json->is_integer)
    json->integer = (int64_t)(is_negative ? 0 - digits : digits);
  return true;
}

static bool weir_json_items(weir_reader *reader, weir_json *json, int depth) {
  bool is_object = *reader->at++ == '{';
  char close = is_object ? '}' : ']';
  weir_json **last = &json->first;
  json->kind = is_object ? WEIR_JSON_OBJECT : WEIR_JSON_ARRAY;
  if (depth > WEIR_DEEPEST)
    return weir_json_wrong(reader, "it is nested too deeply");
  if (weir_json_peek(reader) == close) {
    reader->at++;
    return true;
  }
  for (;;) {
    weir_json *item = (weir_json *)weir_alloc(1, sizeof *item);
    item->parent = json;
    item->index = json->count++;
    if (is_object) {
      if (weir_json_peek(reader) != '"')
        return weir_json_wrong(reader, "the name of a member was expected");
      if (!weir_json_string(reader, &item->name))
        return false;
      if (weir_json_peek(reader) != ':')
        return weir_json_wrong(reader, "`:` was expected");
      reader->at++;
    }
    if (!weir_json_value(reader, item, depth))
      return false;
    *last = item;
    last = &item->next;
    char c = weir_json_peek(reader);
    if (c != ',' && c != close)
      return weir_json_wrong(reader, is_object ? "`,` or `}` was expected" : "`,` or `]` was expected");
    reader->at++;
    if (c == close)
      return true;
  }
}

static bool weir_json_value(weir_reader *reader, weir_json *json, int depth) {
  char c = weir_json_peek(reader);
  const char *begin = reader->at;
  bool is_read;
  if (reader->at == reader->end) {
    return weir_json_wrong(reader, "it ends before its time");
  } else if (c == '{' || c == '[') {
    is_read = weir_json_items(reader, json, depth + 1);
  } else if (c == '"') {
    json->kind = WEIR_JSON_STRING;
    is_read = weir_json_string(reader, &json->text);
  } else if (c == 't' || c == 'f') {
    json->kind = WEIR_JSON_BOOL;
    json->is_true = c == 't';
    is_read = weir_json_word(reader, c == 't' ? "true" : "false");
  } else if (c == 'n') {
    is_read = weir_json_word(reader, "null");
  } else {
    is_read = weir_json_number(reader, json);
  }
  json->raw.ptr = begin;
  json->raw.len = (uint32_t)(reader->at - begin);
  return is_read;
}

const weir_json *weir_json_read(weir_str text, const char **error) {
  weir_reader reader = {text.ptr, text.ptr + text.len, NULL};
  weir_json *json = (weir_json *)weir_alloc(1, sizeof *json);
  bool is_read = weir_json_value(&reader, json, 0);
  if (is_read) {
    weir_json_peek(&reader);
    if (reader.at != reader.end)
      is_read = weir_json_wrong(&reader, "something follows behind its end");
  }
  *error = reader.error;
  return is_read ? json : NULL;
}

const weir_json *weir_json_get(const weir_json *object, const char *name) {
  const weir_json *found = NULL;
  if (object && object->kind == WEIR_JSON_OBJECT)
    for (const weir_json *member = object->first; member; member = member->next)
      if (weir_is(member->name, name))
        found = member;
  return found;
}

static void weir_add_pointer(weir_builder *to, const weir_json *json) {
  if (!json->parent)
    return;
  weir_add_pointer(to, json->parent);
  weir_add_text(to, "/");
  if (json->parent->kind == WEIR_JSON_ARRAY) {
    weir_add_int(to, json->index);
    return;
  }
  for (uint32_t at = 0; at < json->name.len; at++) {
    weir_str c = {json->name.ptr + at, 1};
    if (*c.ptr == '~')
      c = weir_text("~0");
    else if (*c.ptr == '/')
      c = weir_text("~1");
    weir_add(to, c);
  }
}

weir_str weir_json_pointer(const weir_json *json) {
  weir_builder pointer = {NULL, 0, 0};
  weir_add_pointer(&pointer, json);
  return weir_built(&pointer);
}

// The config.

static void weir_add_line(weir_builder *lines, const weir_json *at) {
  if (lines->len)
    weir_add_text(lines, "\n");
  weir_add_pointer(lines, at);
  weir_add_text(lines, ": ");
}

void weir_mistake(weir_mistakes *mistakes, const weir_json *at, weir_str message) {
  weir_add_line(&mistakes->lines, at);
  uint32_t from = mistakes->lines.len;
  weir_add(&mistakes->lines, message);
  for (uint32_t i = from; i < mistakes->lines.len; i++)
    if (mistakes->lines.ptr[i] == '\n' || mistakes->lines.ptr[i] == '\r')
      mistakes->lines.ptr[i] = ' ';
}

static const char *weir_kind_name(weir_json_kind kind) {
  static const char *const names[] = {"null", "true or false", "a number", "a string", "an array", "an object"};
  return names[kind];
}

static void weir_wrong_kind(weir_mistakes *mistakes, const weir_json *at, const char *wanted) {
  weir_add_line(&mistakes->lines, at);
  weir_add_text(&mistakes->lines, "must be ");
  weir_add_text(&mistakes->lines, wanted);
  weir_add_text(&mistakes->lines, ", and is ");
  if (at->kind >= WEIR_JSON_ARRAY)
    weir_add_text(&mistakes->lines, weir_kind_name(at->kind));
  else
    weir_add(&mistakes->lines, at->raw);
}

bool weir_config_keys(weir_mistakes *mistakes, const weir_json *object, const char *const *names, size_t count) {
  if (!object)
    return false;
  if (object->kind != WEIR_JSON_OBJECT) {
    weir_wrong_kind(mistakes, object, weir_kind_name(WEIR_JSON_OBJECT));
    return false;
  }
  for (const weir_json *member = object->first; member; member = member->next) {
    bool is_known = false;
    for (size_t at = 0; at < count; at++)
      is_known = is_known || weir_is(member->name, names[at]);
    if (is_known)
      continue;
    weir_add_line(&mistakes->lines, member);
    weir_add_text(&mistakes->lines, "is not a known key; known:");
    for (size_t at = 0; at < count; at++) {
      weir_add_text(&mistakes->lines, at ? ", `" : " `");
      weir_add_text(&mistakes->lines, names[at]);
      weir_add_text(&mistakes->lines, "`");
    }
  }
  return true;
}

const weir_json *weir_config_member(weir_mistakes *mistakes, const weir_json *object, const char *name,
                                    weir_json_kind kind) {
  const weir_json *member = weir_json_get(object, name);
  if (!member || member->kind == kind)
    return member;
  weir_wrong_kind(mistakes, member, weir_kind_name(kind));
  return NULL;
}

weir_str weir_config_text(weir_mistakes *mistakes, const weir_json *object, const char *name, weir_str otherwise) {
  const weir_json *member = weir_config_member(mistakes, object, name, WEIR_JSON_STRING);
  return member ? member->text : otherwise;
}

int64_t weir_config_int(weir_mistakes *mistakes, const weir_json *object, const char *name, int64_t otherwise) {
  const weir_json *member = weir_json_get(object, name);
  if (member && !member->is_integer) {
    weir_wrong_kind(mistakes, member, "an integer");
    return otherwise;
  }
  return member ? member->integer : otherwise;
}

double weir_config_number(weir_mistakes *mistakes, const weir_json *object, const char *name, double otherwise) {
  const weir_json *member = weir_config_member(mistakes, object, name, WEIR_JSON_NUMBER);
  return member ? member->number : otherwise;
}

bool weir_config_bool(weir_mistakes *mistakes, const weir_json *object, const char *name, bool otherwise) {
  const weir_json *member = weir_config_member(mistakes, object, name, WEIR_JSON_BOOL);
  return member ? member->is_true : otherwise;
}

// The plan. Tags are those of the interface.

static weir_input weir_input_of(uint8_t tag) {
  weir_input input;
  __builtin_memset(&input, 0, sizeof input);
  input.tag = tag;
  return input;
}

static weir_input weir_input_in_value(uint8_t tag, const char *text) {
  weir_input input = weir_input_of(tag);
  input.val.of.source.tag = 1;
  input.val.of.text = weir_text(text);
  return input;
}

weir_input weir_input_key(void) { return weir_input_of(0); }
weir_input weir_input_value(void) { return weir_input_of(1); }
weir_input weir_input_header(const char *name) {
  weir_input input = weir_input_of(2);
  input.val.header = weir_text(name);
  return input;
}
weir_input weir_input_timestamp(void) { return weir_input_of(3); }
weir_input weir_input_timestamp_type(void) { return weir_input_of(4); }
weir_input weir_input_received(void) { return weir_input_of(5); }
weir_input weir_input_offset(void) { return weir_input_of(6); }
weir_input weir_input_json(const char *pointer) { return weir_input_in_value(7, pointer); }
weir_input weir_input_json_int(const char *pointer) { return weir_input_in_value(8, pointer); }
weir_input weir_input_capture(const char *pattern, uint32_t group) {
  weir_input input = weir_input_in_value(9, pattern);
  input.val.of.group = group;
  return input;
}

weir_input weir_of_key(weir_input input) {
  if (input.tag >= 7)
    input.val.of.source.tag = 0;
  return input;
}

weir_input weir_of_header(weir_input input, const char *name) {
  if (input.tag >= 7) {
    input.val.of.source.tag = 2;
    input.val.of.source.header = weir_text(name);
  }
  return input;
}

uint32_t weir_plan_input(weir_plan *plan, weir_input input) {
  plan->inputs.ptr = (weir_input *)weir_grow(plan->inputs.ptr, plan->inputs.len, sizeof input);
  plan->inputs.ptr[plan->inputs.len] = input;
  return plan->inputs.len++;
}

void weir_plan_all_headers(weir_plan *plan) { plan->all_headers = 1; }

void weir_plan_effects(weir_plan *plan, unsigned effects) { plan->effects = (uint16_t)(plan->effects | effects); }

static void weir_add_name(weir_strs *names, weir_str name) {
  names->ptr = (weir_str *)weir_grow(names->ptr, names->len, sizeof name);
  names->ptr[names->len++] = name;
}

void weir_plan_header_name(weir_plan *plan, weir_str name) {
  weir_add_name(&plan->header_names, name);
  weir_plan_effects(plan, WEIR_EFFECT_HEADERS);
}

void weir_plan_topic(weir_plan *plan, weir_str topic) {
  weir_add_name(&plan->topics, topic);
  weir_plan_effects(plan, WEIR_EFFECT_ROUTE);
}

// The batch.

static const weir_column *weir_column_of(const weir_batch *batch, uint32_t column, uint8_t tag) {
  if (column >= batch->columns.len)
    WEIR_PANIC("the plan has no such column");
  if (batch->columns.ptr[column].tag != tag)
    WEIR_PANIC(tag ? "the column holds bytes, not integers" : "the column holds integers, not bytes");
  return &batch->columns.ptr[column];
}

const weir_bytes *weir_batch_bytes(const weir_batch *batch, uint32_t column) {
  return &weir_column_of(batch, column, 0)->val.bytes;
}

const weir_ints *weir_batch_ints(const weir_batch *batch, uint32_t column) {
  return &weir_column_of(batch, column, 1)->val.ints;
}

static const weir_headers *weir_headers_of(const weir_batch *batch, uint32_t row) {
  if (!batch->headers.is_some)
    WEIR_PANIC("the plan does not read all headers");
  if (row >= batch->count)
    WEIR_PANIC("the batch has no such row");
  return &batch->headers.val;
}

uint32_t weir_header_count(const weir_batch *batch, uint32_t row) {
  const weir_headers *headers = weir_headers_of(batch, row);
  return headers->starts.ptr[row + 1] - headers->starts.ptr[row];
}

weir_header weir_header_at(const weir_batch *batch, uint32_t row, uint32_t at) {
  const weir_headers *headers = weir_headers_of(batch, row);
  uint32_t entry = headers->starts.ptr[row] + at;
  if (entry >= headers->starts.ptr[row + 1])
    WEIR_PANIC("the row has no such header");
  weir_header header = {headers->names.ptr[headers->name_index.ptr[entry]], weir_cell(&headers->cells, entry)};
  return header;
}

bool weir_header_last(const weir_batch *batch, uint32_t row, weir_str name, weir_str *value) {
  for (uint32_t left = weir_header_count(batch, row); left--;) {
    weir_header header = weir_header_at(batch, row, left);
    if (weir_equal(header.name, name)) {
      *value = header.value;
      return true;
    }
  }
  return false;
}

// Edits.

struct weir_cells {
  weir_edits *edits;
  bool has_all, is_all_null;
  weir_str all;
  // Of each row that was written: where its bytes begin and end in data. Null until a row is written.
  uint32_t *from, *to;
  uint8_t *marks;
  weir_builder data;
  uint32_t rows, written, nulls;
  // The row after the last one written; whether rows came in ascending order.
  uint32_t behind;
  bool is_disordered;
  // A row written twice keeps both; `next` holds what rows were given in addition.
  bool appends;
  weir_cells *next;
};

typedef struct weir_header_edit {
  weir_str name;
  uint8_t op;
  weir_cells cells;
  struct weir_header_edit *before, *next;
} weir_header_edit;

struct weir_edits {
  uint32_t inputs, rows;
  bool is_touched, is_expanded;
  weir_str mistake;
  uint32_t *expand;
  uint8_t *verdicts;
  weir_cells reasons, key, value;
  weir_header_edit *first_header, *last_header;
  int64_t *timestamps;
  uint8_t *untimed;
  weir_strs topics;
  int32_t *routes;
  int32_t *partitions;
};

static void weir_begin(weir_cells *cells, weir_edits *edits) {
  cells->edits = edits;
  cells->rows = edits->rows;
}

static void weir_begin_all(weir_edits *edits) {
  weir_begin(&edits->reasons, edits);
  weir_begin(&edits->key, edits);
  weir_begin(&edits->value, edits);
}

weir_edits *weir_edits_new(uint32_t rows) {
  weir_edits *edits = (weir_edits *)weir_alloc(1, sizeof *edits);
  edits->inputs = edits->rows = rows;
  weir_begin_all(edits);
  return edits;
}

// Keeps the first mistake.
void weir_fail(weir_edits *edits, weir_str why) {
  if (!edits->mistake.ptr)
    edits->mistake = weir_copy(why);
}

static void weir_no_row(weir_edits *edits, uint32_t row, uint32_t rows) {
  weir_builder text = {NULL, 0, 0};
  weir_add_text(&text, "an edit speaks of row ");
  weir_add_int(&text, row);
  weir_add_text(&text, " of ");
  weir_add_int(&text, rows);
  weir_fail(edits, weir_built(&text));
}

static bool weir_is_row(weir_edits *edits, uint32_t row) {
  if (row < edits->rows) {
    edits->is_touched = true;
    return true;
  }
  weir_no_row(edits, row, edits->rows);
  return false;
}

uint32_t weir_rows(const weir_edits *edits) { return edits->rows; }

void weir_expand(weir_edits *edits, const uint32_t *sources, uint32_t count) {
  if (edits->is_touched || edits->is_expanded) {
    weir_fail(edits, weir_text("weir_expand comes after other edits: call it first, and once"));
    return;
  }
  edits->expand = (uint32_t *)weir_alloc(count, sizeof *sources);
  for (uint32_t at = 0; at < count; at++) {
    if (sources[at] >= edits->inputs) {
      weir_no_row(edits, sources[at], edits->inputs);
      return;
    }
    if (at && sources[at] < sources[at - 1]) {
      weir_fail(edits, weir_text("weir_expand names rows out of order"));
      return;
    }
    edits->expand[at] = sources[at];
  }
  edits->is_expanded = true;
  edits->rows = count;
  weir_begin_all(edits);
}

static bool weir_verdict(weir_edits *edits, uint32_t row, uint8_t verdict) {
  if (!weir_is_row(edits, row))
    return false;
  if (!edits->verdicts)
    edits->verdicts = (uint8_t *)weir_alloc(edits->rows, 1);
  edits->verdicts[row] = verdict;
  return true;
}

void weir_drop(weir_edits *edits, uint32_t row) { weir_verdict(edits, row, WEIR_VERDICT_DROP); }

void weir_dead_letter(weir_edits *edits, uint32_t row, weir_str reason) {
  if (weir_verdict(edits, row, WEIR_VERDICT_DEAD_LETTER))
    weir_row(&edits->reasons, row, reason);
}

// Only the last edit of a name may go on: an earlier one is applied before it, and must not see later cells.
static weir_cells *weir_header_cells(weir_edits *edits, weir_str name, uint8_t op) {
  edits->is_touched = true;
  for (weir_header_edit *known = edits->last_header; known; known = known->before) {
    if (weir_equal(known->name, name)) {
      if (known->op == op)
        return &known->cells;
      break;
    }
  }
  weir_header_edit *made = (weir_header_edit *)weir_alloc(1, sizeof *made);
  made->name = weir_copy(name);
  made->op = op;
  made->cells.appends = op == WEIR_OP_APPEND;
  made->before = edits->last_header;
  weir_begin(&made->cells, edits);
  if (edits->last_header)
    edits->last_header->next = made;
  else
    edits->first_header = made;
  edits->last_header = made;
  return &made->cells;
}

weir_cells *weir_set_header(weir_edits *edits, weir_str name) { return weir_header_cells(edits, name, WEIR_OP_SET); }

weir_cells *weir_append_header(weir_edits *edits, weir_str name) {
  return weir_header_cells(edits, name, WEIR_OP_APPEND);
}

void weir_remove_header(weir_edits *edits, uint32_t row, weir_str name) {
  weir_row(weir_header_cells(edits, name, WEIR_OP_REMOVE), row, weir_text(""));
}

void weir_remove_header_all(weir_edits *edits, weir_str name) {
  weir_all_null(weir_header_cells(edits, name, WEIR_OP_REMOVE));
}

weir_cells *weir_key(weir_edits *edits) {
  edits->is_touched = true;
  return &edits->key;
}

weir_cells *weir_value(weir_edits *edits) {
  edits->is_touched = true;
  return &edits->value;
}

// Returns the cells that take what is written to a row; null where there is no such row.
static weir_cells *weir_cells_at(weir_cells *cells, uint32_t row) {
  if (row >= cells->rows) {
    weir_no_row(cells->edits, row, cells->rows);
    return NULL;
  }
  while (cells->appends && cells->marks && cells->marks[row]) {
    if (!cells->next) {
      cells->next = (weir_cells *)weir_alloc(1, sizeof *cells);
      cells->next->appends = true;
      weir_begin(cells->next, cells->edits);
    }
    cells = cells->next;
  }
  if (!cells->marks) {
    cells->marks = (uint8_t *)weir_alloc(cells->rows, 1);
    cells->from = (uint32_t *)weir_alloc((size_t)cells->rows + 1, 4);
    cells->to = (uint32_t *)weir_alloc((size_t)cells->rows + 1, 4);
  }
  return cells;
}

static void weir_mark(weir_cells *cells, uint32_t row, uint8_t mark, uint32_t from) {
  cells->is_disordered = cells->is_disordered || row < cells->behind;
  cells->behind = row + 1;
  cells->written += cells->marks[row] == WEIR_MARK_NONE;
  cells->nulls += mark == WEIR_MARK_NULL;
  cells->nulls -= cells->marks[row] == WEIR_MARK_NULL;
  cells->marks[row] = mark;
  cells->from[row] = from;
  cells->to[row] = cells->data.len;
}

void weir_row(weir_cells *cells, uint32_t row, weir_str bytes) {
  cells = weir_cells_at(cells, row);
  if (!cells)
    return;
  uint32_t from = cells->data.len;
  weir_add(&cells->data, bytes);
  weir_mark(cells, row, WEIR_MARK_BYTES, from);
}

void weir_row_null(weir_cells *cells, uint32_t row) {
  cells = weir_cells_at(cells, row);
  if (cells)
    weir_mark(cells, row, WEIR_MARK_NULL, cells->data.len);
}

void weir_all(weir_cells *cells, weir_str bytes) {
  cells->has_all = true;
  cells->is_all_null = false;
  cells->all = weir_copy(bytes);
}

void weir_all_null(weir_cells *cells) { cells->has_all = cells->is_all_null = true; }

void weir_timestamp(weir_edits *edits, uint32_t row, int64_t ms) {
  if (!weir_is_row(edits, row))
    return;
  if (!edits->timestamps) {
    edits->timestamps = (int64_t *)weir_alloc(edits->rows, 8);
    edits->untimed = (uint8_t *)weir_alloc(edits->rows, 1);
    __builtin_memset(edits->untimed, 1, edits->rows);
  }
  edits->timestamps[row] = ms;
  edits->untimed[row] = 0;
}

weir_topic weir_new_topic(weir_edits *edits, weir_str name) {
  weir_topic topic = {edits->topics.len};
  weir_add_name(&edits->topics, weir_copy(name));
  return topic;
}

weir_topic weir_topic_of(weir_edits *edits, weir_str name) {
  for (uint32_t at = 0; at < edits->topics.len; at++) {
    if (weir_equal(edits->topics.ptr[at], name)) {
      weir_topic topic = {at};
      return topic;
    }
  }
  return weir_new_topic(edits, name);
}

static void weir_choose(weir_edits *edits, int32_t **choices, uint32_t row, int32_t choice) {
  if (!weir_is_row(edits, row))
    return;
  if (!*choices) {
    *choices = (int32_t *)weir_alloc(edits->rows, 4);
    __builtin_memset(*choices, 0xff, (size_t)edits->rows * 4);
  }
  (*choices)[row] = choice;
}

void weir_route(weir_edits *edits, uint32_t row, weir_topic topic) {
  if (topic.number < edits->topics.len)
    weir_choose(edits, &edits->routes, row, (int32_t)topic.number);
  else
    weir_fail(edits, weir_text("a route to a topic of other edits"));
}

void weir_route_to(weir_edits *edits, uint32_t row, weir_str topic) {
  weir_route(edits, row, weir_topic_of(edits, topic));
}

void weir_partition(weir_edits *edits, uint32_t row, uint32_t partition) {
  if (partition > INT32_MAX)
    weir_fail(edits, weir_text("a partition above 2147483647"));
  else
    weir_choose(edits, &edits->partitions, row, (int32_t)partition);
}

// From what was written to what the interface says. It uses the memory of the cells up.

// Writes `all` to the rows that were not written.
static void weir_spread(weir_cells *cells) {
  uint32_t from = cells->data.len;
  uint8_t mark = cells->is_all_null ? WEIR_MARK_NULL : WEIR_MARK_BYTES;
  if (!cells->is_all_null)
    weir_add(&cells->data, cells->all);
  for (uint32_t row = 0; row < cells->rows; row++)
    if (cells->marks[row] == WEIR_MARK_NONE)
      weir_mark(cells, row, mark, from);
  cells->is_disordered = true;
}

static void weir_order(weir_cells *cells) {
  if (!cells->is_disordered)
    return;
  weir_builder data = {NULL, 0, 0};
  for (uint32_t row = 0; row < cells->rows; row++) {
    if (cells->marks[row] != WEIR_MARK_BYTES)
      continue;
    weir_str bytes = {cells->data.ptr + cells->from[row], cells->to[row] - cells->from[row]};
    weir_add(&data, bytes);
    cells->to[row] = data.len;
  }
  cells->data = data;
}

// One cell a row, null where nothing was written or null was.
static weir_bytes weir_finish_each(weir_cells *cells) {
  weir_bytes column;
  bool has_nulls = cells->written < cells->rows || cells->nulls;
  weir_order(cells);
  uint32_t end = 0;
  cells->from[0] = 0;
  for (uint32_t row = 0; row < cells->rows; row++) {
    bool is_null = cells->marks[row] != WEIR_MARK_BYTES;
    if (!is_null)
      end = cells->to[row];
    cells->marks[row] = is_null;
    cells->from[row + 1] = end;
  }
  column.offsets.ptr = cells->from;
  column.offsets.len = cells->rows + 1;
  column.data.ptr = (uint8_t *)weir_built(&cells->data).ptr;
  column.data.len = cells->data.len;
  column.nulls.ptr = cells->marks;
  column.nulls.len = has_nulls ? cells->rows : 0;
  return column;
}

// The rows that were written, and one cell for each. Nothing is written further than it was read.
static void weir_finish_sparse(weir_cells *cells, weir_abi_cells *answer) {
  uint32_t count = 0, end = 0;
  weir_order(cells);
  cells->from[0] = 0;
  for (uint32_t row = 0; row < cells->rows; row++) {
    if (cells->marks[row] == WEIR_MARK_NONE)
      continue;
    bool is_null = cells->marks[row] == WEIR_MARK_NULL;
    if (!is_null)
      end = cells->to[row];
    cells->marks[count] = is_null;
    cells->to[count++] = row;
    cells->from[count] = end;
  }
  answer->val.sparse.rows.ptr = cells->to;
  answer->val.sparse.rows.len = count;
  answer->val.sparse.cells.offsets.ptr = cells->from;
  answer->val.sparse.cells.offsets.len = count + 1;
  answer->val.sparse.cells.data.ptr = (uint8_t *)weir_built(&cells->data).ptr;
  answer->val.sparse.cells.data.len = cells->data.len;
  answer->val.sparse.cells.nulls.ptr = cells->marks;
  answer->val.sparse.cells.nulls.len = cells->nulls ? count : 0;
}

// Chooses the shape that says it in the fewest bytes. Returns false where nothing was written.
static bool weir_finish_cells(weir_cells *cells, weir_abi_cells *answer) {
  if (!cells->written && !cells->has_all)
    return false;
  if (!cells->written) {
    answer->tag = WEIR_SHAPE_CONSTANT;
    answer->val.constant.is_some = !cells->is_all_null;
    answer->val.constant.val.ptr = (uint8_t *)cells->all.ptr;
    answer->val.constant.val.len = cells->all.len;
    return true;
  }
  if (cells->has_all)
    weir_spread(cells);
  if (!cells->nulls && (uint64_t)cells->written * 4 > cells->rows) {
    answer->tag = WEIR_SHAPE_EACH;
    answer->val.each = weir_finish_each(cells);
  } else {
    answer->tag = WEIR_SHAPE_SPARSE;
    weir_finish_sparse(cells, answer);
  }
  return true;
}

// Leaves `all` alone in the cells and moves the rows that were written to the next: where it appends, a row gets both.
static void weir_part(weir_cells *cells) {
  if (!cells->appends || !cells->has_all || !cells->written)
    return;
  weir_cells *rows = (weir_cells *)weir_alloc(1, sizeof *rows);
  *rows = *cells;
  rows->has_all = false;
  cells->written = 0;
  cells->next = rows;
}

static void weir_finish_headers(weir_edits *edits, weir_abi_edits *answer) {
  uint32_t count = 0;
  for (weir_header_edit *edit = edits->first_header; edit; edit = edit->next) {
    weir_part(&edit->cells);
    for (weir_cells *cells = &edit->cells; cells; cells = cells->next)
      count++;
  }
  answer->headers.ptr = (weir_abi_header *)weir_alloc(count, sizeof *answer->headers.ptr);
  for (weir_header_edit *edit = edits->first_header; edit; edit = edit->next) {
    for (weir_cells *cells = &edit->cells; cells; cells = cells->next) {
      weir_abi_header *header = &answer->headers.ptr[answer->headers.len];
      header->name = edit->name;
      header->op = edit->op;
      answer->headers.len += weir_finish_cells(cells, &header->cells);
    }
  }
}

weir_str weir_edits_finish(weir_edits *edits, weir_abi_edits *answer) {
  if (edits->mistake.ptr)
    return edits->mistake;
  if (edits->is_expanded) {
    answer->expand.is_some = 1;
    answer->expand.val.ptr = edits->expand;
    answer->expand.val.len = edits->rows;
  }
  answer->verdicts.ptr = edits->verdicts;
  answer->verdicts.len = edits->verdicts ? edits->rows : 0;
  if (edits->reasons.written) {
    answer->reasons.is_some = 1;
    answer->reasons.val = weir_finish_each(&edits->reasons);
  }
  weir_finish_headers(edits, answer);
  answer->key.is_some = weir_finish_cells(&edits->key, &answer->key.val);
  answer->value.is_some = weir_finish_cells(&edits->value, &answer->value.val);
  if (edits->timestamps) {
    answer->timestamps.is_some = 1;
    answer->timestamps.val.values.ptr = edits->timestamps;
    answer->timestamps.val.values.len = edits->rows;
    answer->timestamps.val.nulls.ptr = edits->untimed;
    answer->timestamps.val.nulls.len = edits->rows;
  }
  if (edits->routes) {
    answer->route.is_some = 1;
    answer->route.topics = edits->topics;
    answer->route.index.ptr = edits->routes;
    answer->route.index.len = edits->rows;
  }
  if (edits->partitions) {
    answer->partitions.is_some = 1;
    answer->partitions.val.ptr = edits->partitions;
    answer->partitions.val.len = edits->rows;
  }
  weir_str nothing = {NULL, 0};
  return nothing;
}

// What the host calls.

typedef struct {
  uint8_t is_error;
  union {
    weir_str error;
    weir_plan plan;
    weir_abi_edits edits;
  } val;
} weir_answer;

WEIR_EXPORT("cabi_realloc") void *weir_abi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)align; // At most 8, which weir_take gives.
  return old ? weir_extend(old, old_size, size) : weir_take(size);
}

WEIR_EXPORT("weir:interceptor/plugin@0.1.0#describe") weir_description *weir_abi_describe(void) {
  weir_description *description = (weir_description *)weir_alloc(1, sizeof *description);
  weir_describe(description);
  return description;
}

WEIR_EXPORT("weir:interceptor/plugin@0.1.0#configure")
weir_answer *weir_abi_configure(const char *config, uint32_t length) {
  weir_answer *answer = (weir_answer *)weir_alloc(1, sizeof *answer);
  weir_mistakes mistakes = {{NULL, 0, 0}};
  weir_str text = {config, length};
  const char *error;
  const weir_json *json = weir_json_read(text, &error);
  if (json) {
    weir_configure(json, &answer->val.plan, &mistakes);
  } else {
    weir_add_text(&mistakes.lines, ": the config is not JSON: ");
    weir_add_text(&mistakes.lines, error);
  }
  if (mistakes.lines.len) {
    answer->is_error = 1;
    answer->val.error = weir_built(&mistakes.lines);
  }
  return answer;
}

WEIR_EXPORT("weir:interceptor/plugin@0.1.0#process") weir_answer *weir_abi_process(const weir_batch *batch) {
  weir_answer *answer = (weir_answer *)weir_alloc(1, sizeof *answer);
  weir_edits *edits = weir_edits_new(batch->count);
  weir_process(batch, edits);
  weir_str error = weir_edits_finish(edits, &answer->val.edits);
  if (error.ptr) {
    answer->is_error = 1;
    answer->val.error = error;
  }
  return answer;
}

WEIR_EXPORT("cabi_post_weir:interceptor/plugin@0.1.0#describe") void weir_abi_after_describe(void *answer) {
  (void)answer;
  weir_forget();
}

WEIR_EXPORT("cabi_post_weir:interceptor/plugin@0.1.0#configure") void weir_abi_after_configure(void *answer) {
  (void)answer;
  weir_keep();
}

WEIR_EXPORT("cabi_post_weir:interceptor/plugin@0.1.0#process") void weir_abi_after_process(void *answer) {
  (void)answer;
  weir_forget();
}

#if defined(__wasm32__) && !defined(__wasi__)
// Without this, the linker would run the constructors of static objects again at every call.
void __wasm_call_ctors(void);
WEIR_EXPORT("_initialize") void weir_abi_initialize(void) { __wasm_call_ctors(); }

// clang calls these by itself; a libc brings its own.
__attribute__((weak)) void *memcpy(void *to, const void *from, size_t count) {
  unsigned char *t = (unsigned char *)to;
  const unsigned char *f = (const unsigned char *)from;
  while (count--)
    *t++ = *f++;
  return to;
}
__attribute__((weak)) void *memset(void *to, int byte, size_t count) {
  unsigned char *t = (unsigned char *)to;
  while (count--)
    *t++ = (unsigned char)byte;
  return to;
}
__attribute__((weak)) int memcmp(const void *a, const void *b, size_t count) {
  const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
  for (; count--; x++, y++)
    if (*x != *y)
      return *x - *y;
  return 0;
}
__attribute__((weak)) size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length])
    length++;
  return length;
}
#endif

#ifdef __cplusplus
}
#endif
#endif // WEIR_IMPLEMENTATION
