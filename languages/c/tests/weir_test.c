// Tests of weir.h, native: they look at what the host would read. Build and run:
//   cc -std=c11 -Wall -Wextra -g -fsanitize=address,undefined -I ../template weir_test.c -o weir_test && ./weir_test
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIR_IMPLEMENTATION
#include "weir.h"

// ---- The host ----

static _Alignas(65536) unsigned char memory[64 << 20];
static uintptr_t used;
static char logged[1 << 10];

uintptr_t weir_memory_end(void) { return (uintptr_t)memory + used; }

uintptr_t weir_more_memory(uintptr_t bytes) {
  uintptr_t before = weir_memory_end();
  bytes = (bytes + 0xffff) & ~(uintptr_t)0xffff;
  if (bytes > sizeof memory - used)
    return 0;
  used += bytes;
  return before;
}

void weir_trap(void) {
  fprintf(stderr, "trap; logged: %s\n", logged);
  abort();
}

void weir_host_log(uint32_t level, const char *message, uint32_t length) {
  snprintf(logged, sizeof logged, "%u %.*s", level, (int)length, message);
}

void weir_host_count(const char *name, uint32_t length, uint32_t by) {
  snprintf(logged, sizeof logged, "%.*s %u", (int)length, name, by);
}

void weir_host_lookup(const char *name, uint32_t length, void *answer) {
  struct {
    uint8_t is_some;
    weir_str bytes;
  } *found = answer;
  found->is_some = length == 4 && memcmp(name, "here", 4) == 0;
  found->bytes = weir_text("contents");
}

// ---- A plugin ----

void weir_describe(weir_description *description) { description->name = weir_text("test"); }

void weir_configure(const weir_json *config, weir_plan *plan, weir_mistakes *mistakes) {
  static const char *const keys[] = {"text", "int", "number", "bool", "list", "deep"};
  static const char *const deep[] = {"a"};
  if (!weir_config_keys(mistakes, config, keys, 6))
    return;
  weir_config_text(mistakes, config, "text", weir_text(""));
  weir_config_int(mistakes, config, "int", 0);
  weir_config_number(mistakes, config, "number", 0);
  weir_config_bool(mistakes, config, "bool", false);
  weir_config_keys(mistakes, weir_config_member(mistakes, config, "deep", WEIR_JSON_OBJECT), deep, 1);
  const weir_json *list = weir_config_member(mistakes, config, "list", WEIR_JSON_ARRAY);
  for (const weir_json *item = list ? list->first : NULL; item; item = item->next)
    if (item->kind != WEIR_JSON_NUMBER)
      weir_mistake(mistakes, item, weir_text("is not\na number"));
  weir_plan_input(plan, weir_of_key(weir_input_json("/a")));
}

void weir_process(const weir_batch *batch, weir_edits *edits) {
  for (uint32_t row = 0; row < batch->count; row++)
    weir_row(weir_value(edits), row, weir_cell(weir_batch_bytes(batch, 0), row));
}

// ---- Tests ----

static int passed, failed;

static void check(bool is_true, const char *what, int line) {
  if (is_true) {
    passed++;
    return;
  }
  failed++;
  printf("weir_test.c:%d: %s\n", line, what);
}
#define CHECK(condition) check(condition, #condition, __LINE__)

static void check_text(weir_str got, const char *want, int line) {
  if (got.ptr && weir_is(got, want)) {
    passed++;
    return;
  }
  failed++;
  printf("weir_test.c:%d: got %.*s\nwant %s\n", line, (int)got.len, got.ptr ? got.ptr : "null", want);
}
#define CHECK_TEXT(got, want) check_text(got, want, __LINE__)

static void show_cell(weir_builder *to, const weir_bytes *column, uint32_t at) {
  weir_str cell = {(char *)column->data.ptr + column->offsets.ptr[at],
                   column->offsets.ptr[at + 1] - column->offsets.ptr[at]};
  if (column->nulls.len && column->nulls.ptr[at])
    weir_add_text(to, "null");
  else
    weir_add(to, cell);
}

// Shows the shape and what is in it: "each a,null,b", "sparse 7=c", "constant x", "nothing".
static weir_str show(const weir_option_cells *cells) {
  weir_builder text = {0};
  if (!cells->is_some)
    return weir_text("nothing");
  if (cells->val.tag == WEIR_SHAPE_CONSTANT) {
    weir_str all = {(char *)cells->val.val.constant.val.ptr, cells->val.val.constant.val.len};
    weir_add_text(&text, "constant ");
    weir_add(&text, cells->val.val.constant.is_some ? all : weir_text("null"));
  } else if (cells->val.tag == WEIR_SHAPE_EACH) {
    const weir_bytes *each = &cells->val.val.each;
    weir_add_text(&text, "each");
    for (uint32_t at = 0; at + 1 < each->offsets.len; at++) {
      weir_add_text(&text, at ? "," : " ");
      show_cell(&text, each, at);
    }
    CHECK(each->offsets.ptr[each->offsets.len - 1] == each->data.len);
  } else {
    weir_u32s rows = cells->val.val.sparse.rows;
    weir_add_text(&text, "sparse");
    for (uint32_t at = 0; at < rows.len; at++) {
      weir_add_text(&text, at ? "," : " ");
      weir_add_int(&text, rows.ptr[at]);
      weir_add_text(&text, "=");
      show_cell(&text, &cells->val.val.sparse.cells, at);
    }
    CHECK(cells->val.val.sparse.cells.offsets.len == rows.len + 1);
  }
  return weir_built(&text);
}

static weir_abi_edits answer;

static bool finish(weir_edits *edits) {
  memset(&answer, 0, sizeof answer);
  return !weir_edits_finish(edits, &answer).ptr;
}

// Writes values by a small language: "0=a" a row, "0!" null, "*=a" all, "*!" all null.
static weir_str written(uint32_t rows, const char *script) {
  weir_edits *edits = weir_edits_new(rows);
  weir_cells *cells = weir_value(edits);
  for (const char *at = script; *at;) {
    uint32_t row = (uint32_t)(*at - '0');
    size_t length = strcspn(at, " ");
    weir_str bytes = {at + 2, (uint32_t)length - 2};
    if (at[0] == '*' && at[1] == '=')
      weir_all(cells, bytes);
    else if (at[0] == '*')
      weir_all_null(cells);
    else if (at[1] == '=')
      weir_row(cells, row, bytes);
    else
      weir_row_null(cells, row);
    at += length + (at[length] == ' ');
  }
  CHECK(finish(edits));
  return show(&answer.value);
}

static void cells_have_the_shape_that_says_it_in_the_fewest_bytes(void) {
  CHECK_TEXT(written(3, ""), "nothing");
  CHECK_TEXT(written(3, "*=x"), "constant x");
  CHECK_TEXT(written(3, "*!"), "constant null");
  CHECK_TEXT(written(2, "0=ab 1=ab"), "each ab,ab");
  CHECK_TEXT(written(3, "1="), "each null,,null");
  CHECK_TEXT(written(3, "2=c"), "each null,null,c");
  CHECK_TEXT(written(9, "7=c"), "sparse 7=c");
  CHECK_TEXT(written(2, "1!"), "sparse 1=null");
  CHECK_TEXT(written(9, "8=d 4! 1=b"), "sparse 1=b,4=null,8=d");
}

static void of_a_row_written_twice_the_last_counts(void) {
  CHECK_TEXT(written(3, "2=c 0! 1=b 2=C"), "sparse 0=null,1=b,2=C");
  CHECK_TEXT(written(3, "0=gone 1=b 0=a 2=c"), "each a,b,c");
  CHECK_TEXT(written(3, "0! 0=a"), "each a,null,null");
  CHECK_TEXT(written(3, "1=b *=x"), "each x,b,x");
  CHECK_TEXT(written(3, "*! 1=b"), "sparse 0=null,1=b,2=null");
}

static void check_headers(const char *const *wanted, uint32_t count) {
  CHECK(answer.headers.len == count);
  for (uint32_t at = 0; at < answer.headers.len && at < count; at++) {
    weir_builder text = {0};
    weir_option_cells cells = {1, answer.headers.ptr[at].cells};
    weir_add(&text, answer.headers.ptr[at].name);
    weir_add_int(&text, answer.headers.ptr[at].op);
    weir_add_text(&text, " ");
    weir_add(&text, show(&cells));
    CHECK_TEXT(weir_built(&text), wanted[at]);
  }
}

static void headers_keep_the_order_of_their_edits(void) {
  weir_edits *edits = weir_edits_new(2);
  weir_row(weir_append_header(edits, weir_text("a")), 1, weir_text("1"));
  weir_all(weir_append_header(edits, weir_text("b")), weir_text("2"));
  weir_row(weir_append_header(edits, weir_text("a")), 1, weir_text("3"));
  weir_row(weir_append_header(edits, weir_text("a")), 0, weir_text("4"));
  weir_remove_header(edits, 0, weir_text("a"));
  weir_row_null(weir_set_header(edits, weir_text("a")), 0);
  weir_remove_header_all(edits, weir_text("c"));
  weir_set_header(edits, weir_text("never"));
  CHECK(finish(edits));
  static const char *const wanted[] = {"a1 each 4,1",   "a1 each null,3",   "b1 constant 2",
                                       "a2 each ,null", "a0 sparse 0=null", "c2 constant null"};
  check_headers(wanted, 6);
}

static void what_is_appended_to_all_comes_before_rows(void) {
  weir_edits *edits = weir_edits_new(2);
  weir_row(weir_append_header(edits, weir_text("a")), 1, weir_text("1"));
  weir_all(weir_append_header(edits, weir_text("a")), weir_text("all"));
  weir_row_null(weir_append_header(edits, weir_text("a")), 1);
  weir_all_null(weir_append_header(edits, weir_text("b")));
  weir_row(weir_append_header(edits, weir_text("b")), 0, weir_text("2"));
  weir_all(weir_set_header(edits, weir_text("c")), weir_text("all"));
  weir_row(weir_set_header(edits, weir_text("c")), 0, weir_text("3"));
  CHECK(finish(edits));
  static const char *const wanted[] = {"a1 constant all",  "a1 each null,1", "a1 sparse 1=null",
                                       "b1 constant null", "b1 each 2,null", "c0 each 3,all"};
  check_headers(wanted, 6);
}

static void what_is_not_written_stays(void) {
  CHECK(finish(weir_edits_new(3)));
  CHECK(!answer.expand.is_some && !answer.verdicts.len && !answer.reasons.is_some && !answer.headers.len);
  CHECK(!answer.key.is_some && !answer.timestamps.is_some && !answer.route.is_some && !answer.partitions.is_some);
  weir_edits *edits = weir_edits_new(3);
  weir_timestamp(edits, 1, -5);
  weir_route_to(edits, 2, weir_text("t"));
  weir_partition(edits, 0, 7);
  weir_dead_letter(edits, 1, weir_text("why"));
  weir_drop(edits, 2);
  CHECK(finish(edits));
  CHECK(memcmp(answer.timestamps.val.nulls.ptr, "\1\0\1", 3) == 0 && answer.timestamps.val.values.ptr[1] == -5);
  CHECK(answer.route.index.ptr[0] == -1 && answer.route.index.ptr[2] == 0);
  CHECK(answer.partitions.val.ptr[0] == 7 && answer.partitions.val.ptr[1] == -1);
  CHECK(memcmp(answer.verdicts.ptr, "\0\2\1", 3) == 0);
  weir_option_cells reasons = {1, {WEIR_SHAPE_EACH, {.each = answer.reasons.val}}};
  CHECK_TEXT(show(&reasons), "each null,why,null");
}

static void after_expand_rows_are_the_new_ones(void) {
  uint32_t sources[] = {0, 2, 2, 2};
  weir_edits *edits = weir_edits_new(3);
  weir_expand(edits, sources, 4);
  weir_row(weir_key(edits), 3, weir_text("k"));
  CHECK(finish(edits) && answer.expand.val.len == 4);
  CHECK_TEXT(show(&answer.key), "sparse 3=k");
  edits = weir_edits_new(3);
  weir_expand(edits, NULL, 0);
  CHECK(finish(edits) && answer.expand.is_some && answer.expand.val.len == 0);
}

static void rows_that_are_not_there_fail_the_batch(void) {
  uint32_t beyond[] = {0, 2}, backwards[] = {1, 0};
  weir_topic strange = {0};
  for (int at = 0; at < 12; at++) {
    weir_edits *edits = weir_edits_new(2);
    switch (at) {
    case 0:
      weir_drop(edits, 2);
      break;
    case 1:
      weir_dead_letter(edits, 2, weir_text(""));
      break;
    case 2:
      weir_timestamp(edits, 2, 0);
      break;
    case 3:
      weir_partition(edits, 2, 0);
      break;
    case 4:
      weir_partition(edits, 0, UINT32_MAX);
      break;
    case 5:
      weir_route_to(edits, 2, weir_text("t"));
      break;
    case 6:
      weir_route(edits, 0, strange);
      break;
    case 7:
      weir_row(weir_key(edits), UINT32_MAX, weir_text(""));
      break;
    case 8:
      weir_row_null(weir_set_header(edits, weir_text("h")), 2);
      break;
    case 9:
      weir_expand(edits, beyond, 2);
      break;
    case 10:
      weir_expand(edits, backwards, 2);
      break;
    case 11:
      weir_drop(edits, 0);
      weir_expand(edits, beyond, 1);
      break;
    }
    CHECK(!finish(edits));
  }
}

static const weir_json *read(const char *text) {
  const char *error;
  return weir_json_read(weir_text(text), &error);
}

static void json_is_read(void) {
  const weir_json *json =
      read(" {\"a\" : [1, -2.5e3, true, null, {\"b~/c\": \"x\\\"\\u00e9\\ud83d\\ude00\\n\"}], \"a\":[] , "
           "\"s\":\"\\ud800x\"} ");
  CHECK(json && json->count == 3 && weir_json_get(json, "a")->count == 0 && !weir_json_get(json, "b"));
  const weir_json *item = json->first->first;
  CHECK(item->is_integer && item->integer == 1 && item->number == 1);
  item = item->next;
  CHECK(!item->is_integer && item->number == -2500);
  CHECK(item->next->is_true && item->next->next->kind == WEIR_JSON_NULL);
  item = item->next->next->next->first;
  CHECK_TEXT(item->text, "x\"é😀\n");
  CHECK_TEXT(weir_json_pointer(item), "/a/4/b~0~1c");
  CHECK_TEXT(weir_json_get(json, "s")->text, "\xef\xbf\xbdx");
}

static void json_numbers_are_exact_where_they_can_be(void) {
  CHECK(read("9223372036854775807")->integer == INT64_MAX && read("-9223372036854775808")->integer == INT64_MIN);
  CHECK(read("9223372036854775807")->is_integer && !read("9223372036854775808")->is_integer);
  CHECK(!read("18446744073709551616")->is_integer && !read("1.0")->is_integer);
  static const char *const exact[] = {"0", "0.1", "1e22", "123456.789", "-1e-22", "4503599627370497.5", "1E2"};
  for (size_t at = 0; at < sizeof exact / sizeof *exact; at++)
    CHECK(read(exact[at])->number == strtod(exact[at], NULL));
  static const char *const near[] = {"1.7976931348623157e308", "2.2250738585072014e-308", "0.30000000000000004",
                                     "5e-324", "123456789012345678901234567890"};
  for (size_t at = 0; at < sizeof near / sizeof *near; at++) {
    double got = read(near[at])->number, want = strtod(near[at], NULL);
    CHECK(got >= want * (1 - 1e-13) && got <= want * (1 + 1e-13));
  }
  CHECK(read("1e999999999")->number == strtod("inf", NULL) && read("1e-999999999")->number == 0);
}

static void what_is_not_json_is_refused(void) {
  static const char *const texts[] = {
      "",   " ",  "{",   "[1",  "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}",   "01",     "1.",  "-",   "1e",
      "+1", ".5", "tru", "nul", "\"",   "\"\\",    "\"\\x\"",  "\"\\u12", "\"\t\"", "1 2", "[1}", "{\"a\":1,}"};
  for (size_t at = 0; at < sizeof texts / sizeof *texts; at++)
    CHECK(!read(texts[at]));
  char deep[200];
  memset(deep, '[', 199);
  deep[199] = 0;
  CHECK(!read(deep));
}

static void every_mistake_of_a_config_has_its_place(void) {
  const char *config =
      "{\"text\":7,\"int\":1.5,\"number\":\"x\",\"bool\":null,\"list\":[1,\"a\",[]],\"deep\":{\"b/c\":1},\"odd\":{}}";
  weir_answer *answered = weir_abi_configure(config, (uint32_t)strlen(config));
  CHECK(answered->is_error);
  CHECK_TEXT(answered->val.error, "/odd: is not a known key; known: `text`, `int`, `number`, `bool`, `list`, `deep`\n"
                                  "/text: must be a string, and is 7\n"
                                  "/int: must be an integer, and is 1.5\n"
                                  "/number: must be a number, and is \"x\"\n"
                                  "/bool: must be true or false, and is null\n"
                                  "/deep/b~1c: is not a known key; known: `a`\n"
                                  "/list/1: is not a number\n"
                                  "/list/2: is not a number");
  answered = weir_abi_configure("[]", 2);
  CHECK_TEXT(answered->val.error, ": must be an object, and is an array");
  answered = weir_abi_configure("{", 1);
  CHECK_TEXT(answered->val.error, ": the config is not JSON: the name of a member was expected");
  answered = weir_abi_configure("{}", 2);
  CHECK(!answered->is_error && answered->val.plan.inputs.len == 1);
  CHECK(answered->val.plan.inputs.ptr->tag == 7 && answered->val.plan.inputs.ptr->val.of.source.tag == 0);
}

static void an_input_is_named_by_the_config(void) {
  const char *error;
  const weir_json *config = weir_json_read(weir_text("{\"header\":\"type\",\"none\":\"\"}"), &error);
  weir_str name = weir_json_get(config, "header")->text;
  CHECK_TEXT(weir_input_header(weir_c_string(name)).val.header, "type");
  CHECK_TEXT(weir_of_header(weir_input_json("/a"), weir_c_string(name)).val.of.source.header, "type");
  CHECK_TEXT(weir_input_json(weir_c_string(weir_json_get(config, "none")->text)).val.of.text, "");
}

static void headers_of_a_row_are_read(void) {
  uint32_t starts[] = {0, 0, 3}, index[] = {0, 1, 0}, offsets[] = {0, 1, 1, 2};
  uint8_t data[] = {'1', '2'}, nulls[] = {0, 1, 0};
  weir_str names[] = {weir_text("a"), weir_text("b")}, value;
  weir_batch batch = {.count = 2,
                      .headers = {1, {{starts, 3}, {names, 2}, {index, 3}, {{offsets, 4}, {data, 2}, {nulls, 3}}}}};
  CHECK(weir_header_count(&batch, 0) == 0 && weir_header_count(&batch, 1) == 3);
  CHECK_TEXT(weir_header_at(&batch, 1, 0).value, "1");
  CHECK(weir_header_last(&batch, 1, weir_text("a"), &value));
  CHECK_TEXT(value, "2");
  CHECK(weir_header_last(&batch, 1, weir_text("b"), &value) && !value.ptr);
  CHECK(!weir_header_last(&batch, 0, weir_text("a"), &value));
}

static void the_host_hears_and_gives(void) {
  weir_str bytes;
  weir_log(WEIR_WARN, weir_text("text"));
  CHECK(strcmp(logged, "2 text") == 0);
  weir_count(weir_text("name"), 3);
  weir_count(weir_text("other"), 0);
  CHECK(strcmp(logged, "name 3") == 0);
  CHECK(weir_lookup(weir_text("here"), &bytes) && weir_is(bytes, "contents"));
  CHECK(!weir_lookup(weir_text("gone"), &bytes));
}

// One batch as the host passes it: everything through weir_abi_realloc.
static void run_batch(uint32_t rows, uint32_t size) {
  weir_batch *batch = weir_abi_realloc(NULL, 0, 4, sizeof *batch);
  memset(batch, 0, sizeof *batch);
  batch->count = rows;
  batch->columns.ptr = weir_abi_realloc(NULL, 0, 4, sizeof *batch->columns.ptr);
  batch->columns.len = 1;
  weir_bytes *column = &batch->columns.ptr->val.bytes;
  batch->columns.ptr->tag = 0;
  column->offsets.ptr = weir_abi_realloc(NULL, 0, 4, 4 * (rows + 1));
  column->data.ptr = weir_abi_realloc(NULL, 0, 1, rows * size);
  column->nulls.ptr = weir_abi_realloc(NULL, 0, 1, rows);
  memset(column->nulls.ptr, 0, rows);
  memset(column->data.ptr, 'x', rows * size);
  for (uint32_t row = 0; row <= rows; row++)
    column->offsets.ptr[row] = row * size;
  weir_answer *answered = weir_abi_process(batch);
  CHECK(!answered->is_error && answered->val.edits.value.val.val.each.data.len == rows * size);
  weir_abi_after_process(answered);
}

static void memory_stays_flat(bool is_shared) {
  weir_abi_after_configure(weir_abi_configure("{}", 2));
  run_batch(1000, 1000);
  run_batch(1000, 1000);
  uintptr_t before = used;
  for (uint32_t round = 0; round < 2000; round++) {
    run_batch(1 + round % 1000, 1000 - round % 7);
    // Somebody else, such as a libc, takes a page.
    if (is_shared && round == 10)
      weir_more_memory(1);
  }
  CHECK(used <= before + (is_shared ? 65536 : 0));
}

static void memory_between_pages_of_others_is_used_again(void) {
  weir_more_memory(1);
  for (uint32_t round = 0; round < 100; round++)
    run_batch(1000, 3000);
  uintptr_t before = used;
  weir_more_memory(1);
  for (uint32_t round = 0; round < 1000; round++)
    run_batch(1000, 1 + round % 3000);
  CHECK(used <= before + 65536);
}

int main(void) {
  cells_have_the_shape_that_says_it_in_the_fewest_bytes();
  of_a_row_written_twice_the_last_counts();
  headers_keep_the_order_of_their_edits();
  what_is_appended_to_all_comes_before_rows();
  what_is_not_written_stays();
  after_expand_rows_are_the_new_ones();
  rows_that_are_not_there_fail_the_batch();
  json_is_read();
  json_numbers_are_exact_where_they_can_be();
  what_is_not_json_is_refused();
  every_mistake_of_a_config_has_its_place();
  an_input_is_named_by_the_config();
  headers_of_a_row_are_read();
  the_host_hears_and_gives();
  memory_stays_flat(false);
  memory_stays_flat(true);
  memory_between_pages_of_others_is_used_again();
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
