/// The reference plugin of the conformance kit: does what the script in its config says. The commands are those of
/// conformance/README.md.
#define WEIR_IMPLEMENTATION
#include "weir.h"

#define SCHEMA "https://json-schema.org/draft/2020-12/schema"

static const char config_schema[] = "{\"$schema\": \"" SCHEMA "\", \"type\": \"object\","
                                    " \"properties\": {\"script\": {\"type\": \"array\", \"items\": {\"type\": "
                                    "\"string\"}}}, \"required\": [\"script\"], \"additionalProperties\": false}";

static const weir_str none = {NULL, 0};

/// What is left of the script after configuring.
static weir_strs commands;

/// The files that were read; the value of one that is not there is null.
static weir_header *files;
static uint32_t file_count;

/// The rows that edits speak of: of each, the row of the batch that it was made of.
typedef struct {
  const weir_batch *batch;
  uint32_t *sources;
  uint32_t count;
} rows_of_edits;

/// Takes the first word off a line.
static weir_str word(weir_str *line) {
  weir_str first = {line->ptr, 0};
  while (first.len < line->len && first.ptr[first.len] != ' ')
    first.len++;
  uint32_t taken = first.len + (first.len < line->len);
  line->ptr += taken;
  line->len -= taken;
  return first;
}

static int64_t number(weir_str digits) {
  const char *error;
  const weir_json *json = weir_json_read(digits, &error);
  WEIR_ASSERT(json && json->is_integer);
  return json->integer;
}

/// Returns where a name stands in a list of names.
static uint32_t number_of(const char *const *names, uint32_t count, weir_str name) {
  for (uint32_t at = 0; at < count; at++)
    if (weir_is(name, names[at]))
      return at;
  WEIR_PANIC("no such name");
}

static weir_input input(weir_str spec) {
  weir_str kind = word(&spec);
  if (weir_is(kind, "key"))
    return weir_input_key();
  if (weir_is(kind, "value"))
    return weir_input_value();
  if (weir_is(kind, "header"))
    return weir_input_header(weir_c_string(spec));
  if (weir_is(kind, "timestamp"))
    return weir_input_timestamp();
  if (weir_is(kind, "timestamp-type"))
    return weir_input_timestamp_type();
  if (weir_is(kind, "received"))
    return weir_input_received();
  if (weir_is(kind, "offset"))
    return weir_input_offset();

  weir_input made = weir_input_value();
  weir_str source = word(&spec);
  if (weir_is(kind, "json")) {
    made = weir_input_json(weir_c_string(spec));
  } else if (weir_is(kind, "json-int")) {
    made = weir_input_json_int(weir_c_string(spec));
  } else if (weir_is(kind, "capture")) {
    uint32_t group = (uint32_t)number(word(&spec));
    made = weir_input_capture(weir_c_string(spec), group);
  } else {
    WEIR_PANIC("no such input");
  }
  if (weir_is(source, "value"))
    return made;
  if (weir_is(source, "key"))
    return weir_of_key(made);
  return weir_of_header(made, weir_c_string(source) + sizeof "header:" - 1);
}

void weir_describe(weir_description *description) {
  description->name = weir_text("reference");
  description->version = weir_text("0.1.0");
  description->summary = weir_text("Does what its script says.");
  description->config_schema = weir_text(config_schema);
}

/// Does a command of configuring. Returns false where the line is none.
static bool configure(const weir_json *line, weir_plan *plan, weir_mistakes *mistakes) {
  // The effects of the interface, in the order of their bits.
  static const char *const effects[] = {"key",       "value", "timestamp",   "headers", "route",
                                        "partition", "drop",  "dead-letter", "expand"};
  weir_str rest = line->text, command = word(&rest);
  if (weir_is(command, "input")) {
    weir_plan_input(plan, input(rest));
  } else if (weir_is(command, "all-headers")) {
    weir_plan_all_headers(plan);
  } else if (weir_is(command, "effects")) {
    while (rest.len)
      weir_plan_effects(plan, 1u << number_of(effects, sizeof effects / sizeof *effects, word(&rest)));
  } else if (weir_is(command, "header-name")) {
    weir_plan_header_name(plan, rest);
  } else if (weir_is(command, "topic")) {
    weir_plan_topic(plan, rest);
  } else if (weir_is(command, "file")) {
    files[file_count].name = rest;
    weir_lookup(rest, &files[file_count++].value);
  } else if (weir_is(command, "mistake")) {
    weir_mistake(mistakes, line, rest);
  } else {
    return false;
  }
  return true;
}

void weir_configure(const weir_json *config, weir_plan *plan, weir_mistakes *mistakes) {
  static const char *const keys[] = {"script"};
  if (!weir_config_keys(mistakes, config, keys, 1))
    return;
  if (!weir_json_get(config, "script"))
    weir_mistake(mistakes, config, weir_text("`script` is missing"));
  const weir_json *script = weir_config_member(mistakes, config, "script", WEIR_JSON_ARRAY);
  if (!script)
    return;
  commands.ptr = (weir_str *)weir_alloc(script->count, sizeof *commands.ptr);
  files = (weir_header *)weir_alloc(script->count, sizeof *files);
  for (const weir_json *line = script->first; line; line = line->next) {
    if (line->kind != WEIR_JSON_STRING)
      weir_mistake(mistakes, line, weir_text("must be a string"));
    else if (!configure(line, plan, mistakes))
      commands.ptr[commands.len++] = line->text;
  }
}

/// Returns a cell, an integer's in decimal digits.
static weir_str cell_of(const weir_batch *batch, uint32_t column, uint32_t row) {
  WEIR_ASSERT(column < batch->columns.len);
  if (batch->columns.ptr[column].tag == 0)
    return weir_cell(weir_batch_bytes(batch, column), row);
  int64_t integer;
  if (!weir_int(weir_batch_ints(batch, column), row, &integer))
    return none;
  weir_builder digits = {0};
  weir_add_int(&digits, integer);
  return weir_built(&digits);
}

static bool holds(const weir_batch *batch, weir_str where, uint32_t row) {
  if (weir_is(where, "*"))
    return true;
  weir_str column = {where.ptr, 0};
  while (column.len < where.len && column.ptr[column.len] >= '0' && column.ptr[column.len] <= '9')
    column.len++;
  WEIR_ASSERT(column.len < where.len);
  weir_str cell = cell_of(batch, (uint32_t)number(column), row);
  weir_str text = {where.ptr + column.len + 1, where.len - column.len - 1};
  switch (where.ptr[column.len]) {
  case '!':
    return !cell.ptr;
  case '?':
    return cell.ptr != NULL;
  default:
    return weir_equal(cell, text);
  }
}

/// Finds the first row from `row` on of which WHERE holds.
static bool find(const rows_of_edits *rows, weir_str where, uint32_t *row) {
  while (*row < rows->count && !holds(rows->batch, where, rows->sources[*row]))
    ++*row;
  return *row < rows->count;
}

static weir_str headers_of(const weir_batch *batch, uint32_t row) {
  weir_builder text = {0};
  for (uint32_t at = 0; at < weir_header_count(batch, row); at++) {
    weir_header header = weir_header_at(batch, row, at);
    if (at)
      weir_add_text(&text, ",");
    weir_add(&text, header.name);
    if (!header.value.ptr)
      continue;
    weir_add_text(&text, "=");
    weir_add(&text, header.value);
  }
  return weir_built(&text);
}

static weir_str seen(const weir_batch *batch, uint32_t row) {
  weir_builder text = {0};
  weir_add(&text, batch->topic);
  weir_add_text(&text, " ");
  weir_add_int(&text, batch->partition);
  for (uint32_t column = 0; column < batch->columns.len; column++) {
    weir_str cell = cell_of(batch, column, row);
    weir_add_text(&text, "|");
    weir_add(&text, cell.ptr ? cell : weir_text("-"));
  }
  return weir_built(&text);
}

/// Returns a VALUE of a row of the batch.
static weir_str value_of(const weir_batch *batch, weir_str spec, uint32_t row) {
  weir_str kind = word(&spec), found = none;
  if (weir_is(kind, "text"))
    return spec;
  if (weir_is(kind, "column"))
    return cell_of(batch, (uint32_t)number(spec), row);
  if (weir_is(kind, "headers"))
    return headers_of(batch, row);
  if (weir_is(kind, "seen"))
    return seen(batch, row);
  if (weir_is(kind, "last"))
    weir_header_last(batch, row, spec, &found);
  for (uint32_t at = 0; weir_is(kind, "file") && at < file_count; at++)
    if (weir_equal(files[at].name, spec))
      found = files[at].value;
  return found;
}

/// Writes CELLS.
static void write_cells(const rows_of_edits *rows, weir_cells *cells, weir_str spec) {
  weir_str form = word(&spec);
  if (weir_is(form, "all")) {
    weir_all(cells, spec);
  } else if (weir_is(form, "all-null")) {
    weir_all_null(cells);
  } else if (weir_is(form, "column")) {
    for (uint32_t row = 0; row < rows->batch->count; row++) {
      weir_str cell = cell_of(rows->batch, (uint32_t)number(spec), row);
      if (cell.ptr)
        weir_row(cells, row, cell);
    }
  } else {
    weir_str where = word(&spec);
    for (uint32_t row = 0; find(rows, where, &row); row++) {
      weir_str value = value_of(rows->batch, spec, rows->sources[row]);
      if (value.ptr)
        weir_row(cells, row, value);
      else
        weir_row_null(cells, row);
    }
  }
}

/// Makes of each row as many as a column says.
static void expand(rows_of_edits *rows, weir_edits *edits, uint32_t column) {
  const weir_ints *copies = weir_batch_ints(rows->batch, column);
  int64_t all = 0, left;
  for (uint32_t row = 0; row < rows->batch->count; row++)
    all += weir_int(copies, row, &left) ? left : 0;
  rows->sources = (uint32_t *)weir_alloc((size_t)all, sizeof *rows->sources);
  rows->count = 0;
  for (uint32_t row = 0; row < rows->batch->count; row++)
    for (left = 0, weir_int(copies, row, &left); left > 0; left--)
      rows->sources[rows->count++] = row;
  weir_expand(edits, rows->sources, rows->count);
}

static void remove_headers(const rows_of_edits *rows, weir_edits *edits, weir_str name, weir_str spec) {
  if (weir_is(word(&spec), "all"))
    weir_remove_header_all(edits, name);
  for (uint32_t row = 0; spec.len && find(rows, spec, &row); row++)
    weir_remove_header(edits, row, name);
}

/// Does a command. Returns false where the batch failed.
static bool process(rows_of_edits *rows, weir_edits *edits, weir_str line) {
  static const char *const levels[] = {"debug", "info", "warn", "error"};
  weir_str rest = line, command = word(&rest), last = rest, first = word(&last);
  uint32_t row = 0;
  if (weir_is(command, "log")) {
    weir_log((weir_level)number_of(levels, 4, first), last);
  } else if (weir_is(command, "count")) {
    weir_count(first, (uint32_t)number(last));
  } else if (weir_is(command, "fail")) {
    if (!find(rows, first, &row))
      return true;
    weir_fail(edits, last);
    return false;
  } else if (weir_is(command, "panic")) {
    if (find(rows, first, &row))
      WEIR_PANIC(weir_c_string(last));
  } else if (weir_is(command, "expand")) {
    expand(rows, edits, (uint32_t)number(first));
  } else if (weir_is(command, "drop")) {
    for (; find(rows, first, &row); row++)
      weir_drop(edits, row);
  } else if (weir_is(command, "dead-letter")) {
    for (; find(rows, first, &row); row++)
      weir_dead_letter(edits, row, last);
  } else if (weir_is(command, "set")) {
    write_cells(rows, weir_set_header(edits, first), last);
  } else if (weir_is(command, "append")) {
    write_cells(rows, weir_append_header(edits, first), last);
  } else if (weir_is(command, "remove")) {
    remove_headers(rows, edits, first, last);
  } else if (weir_is(command, "key")) {
    write_cells(rows, weir_key(edits), rest);
  } else if (weir_is(command, "value")) {
    write_cells(rows, weir_value(edits), rest);
  } else if (weir_is(command, "timestamp")) {
    for (; find(rows, first, &row); row++)
      weir_timestamp(edits, row, number(last));
  } else if (weir_is(command, "partition")) {
    for (; find(rows, first, &row); row++)
      weir_partition(edits, row, (uint32_t)number(last));
  } else if (weir_is(command, "route")) {
    weir_topic topic = weir_topic_of(edits, last);
    for (; find(rows, first, &row); row++)
      weir_route(edits, row, topic);
  } else {
    weir_builder why = {0};
    weir_add_text(&why, "no such command: ");
    weir_add(&why, line);
    weir_fail(edits, weir_built(&why));
    return false;
  }
  return true;
}

void weir_process(const weir_batch *batch, weir_edits *edits) {
  rows_of_edits rows = {batch, (uint32_t *)weir_alloc(batch->count, sizeof *rows.sources), batch->count};
  for (uint32_t row = 0; row < batch->count; row++)
    rows.sources[row] = row;
  for (uint32_t at = 0; at < commands.len; at++)
    if (!process(&rows, edits, commands.ptr[at]))
      return;
}
