// Tests of weir.hpp, native: a plugin is called as the host calls it. What is below it is tested in ../../c/tests.
//   c++ -std=c++20 -Wall -Wextra -g -fsanitize=address,undefined -I ../template weir_test.cpp -o weir_test && ./weir_test
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#define WEIR_IMPLEMENTATION
#include "weir.hpp"

// ---- The host ----

alignas(65536) static unsigned char memory[1 << 20];
static uintptr_t used;
static std::string logged;

uintptr_t weir_memory_end() { return reinterpret_cast<uintptr_t>(memory) + used; }

uintptr_t weir_more_memory(uintptr_t bytes) {
  uintptr_t before = weir_memory_end();
  bytes = (bytes + 0xffff) & ~uintptr_t{0xffff};
  if (bytes > sizeof memory - used)
    return 0;
  used += bytes;
  return before;
}

void weir_trap() {
  std::fprintf(stderr, "trap; logged: %s\n", logged.c_str());
  std::abort();
}

void weir_host_log(uint32_t level, const char *message, uint32_t length) {
  logged = std::to_string(level) + " " + std::string(message, length);
}

void weir_host_count(const char *name, uint32_t length, uint32_t by) {
  logged = std::string(name, length) + " " + std::to_string(by);
}

void weir_host_lookup(const char *, uint32_t, void *answer) { *static_cast<uint8_t *>(answer) = 0; }

// ---- A plugin ----

class Plugin {
public:
  weir::Description describe() const { return {"test", "1", "Tests.", "{}"}; }

  void configure(weir::Json config, weir::Plan &plan, weir::Mistakes &mistakes) {
    if (!mistakes.keys(config, "name", "rules"))
      return;
    name_ = mistakes.text(config, "name", "nobody");
    for (weir::Json rule : mistakes.array(config, "rules"))
      if (!rule.integer())
        mistakes.add(rule, "is not an integer");
    text_ = plan.input(weir::input::json("/a").of_header("h"));
    number_ = plan.input(weir::input::offset());
    plan.effects(weir::Effect::drop | weir::Effect::value);
  }

  void process(const weir::Batch &batch, weir::Edits &edits) {
    for (uint32_t row : batch.rows()) {
      if (batch[text_][row] == name_)
        edits.drop(row);
      else
        edits.value().row(row, weir::Builder().add(batch[text_][row].value_or("null")).add_int(*batch[number_][row]));
    }
    weir::count("rows", batch.size());
  }

private:
  weir::Text name_;
  weir::BytesColumn text_;
  weir::IntsColumn number_;
};

WEIR_PLUGIN(Plugin)

// ---- Tests ----

static int passed, failed;

static void check(bool is_true, const char *what, int line) {
  if (is_true) {
    passed++;
    return;
  }
  failed++;
  std::printf("weir_test.cpp:%d: %s\n", line, what);
}
#define CHECK(condition) check(condition, #condition, __LINE__)

static weir_answer *configure(std::string_view config) {
  return weir_abi_configure(config.data(), static_cast<uint32_t>(config.size()));
}

static void the_config_and_its_mistakes_are_read() {
  weir_answer *answer = configure(R"({"rules":[1,"a",2.5],"nme":1,"name":2})");
  CHECK(answer->is_error);
  CHECK(weir::Text(answer->val.error) == "/nme: is not a known key; known: `name`, `rules`\n"
                                         "/name: must be a string, and is 2\n"
                                         "/rules/1: is not an integer\n"
                                         "/rules/2: is not an integer");
  answer = configure(R"({"name":"me","rules":[1]})");
  CHECK(!answer->is_error);
  CHECK(answer->val.plan.inputs.len == 2 && answer->val.plan.effects == (WEIR_EFFECT_DROP | WEIR_EFFECT_VALUE));
  CHECK(answer->val.plan.inputs.ptr[0].val.of.source.tag == 2);
  weir_abi_after_configure(answer);
}

static void rows_are_processed() {
  uint32_t offsets[] = {0, 2, 2, 5};
  uint8_t data[] = "meyou", nulls[] = {0, 1, 0}, none[] = {0, 0, 0};
  int64_t numbers[] = {7, -8, 9};
  weir_column columns[2]{};
  columns[0].val.bytes = {{offsets, 4}, {data, 5}, {nulls, 3}};
  columns[1].tag = 1;
  columns[1].val.ints = {{numbers, 3}, {none, 3}};
  weir_batch batch{};
  batch.count = 3;
  batch.columns = {columns, 2};
  weir_answer *answer = weir_abi_process(&batch);
  CHECK(!answer->is_error);
  const weir_abi_edits &edits = answer->val.edits;
  CHECK(std::memcmp(edits.verdicts.ptr, "\1\0\0", 3) == 0);
  const weir_bytes &each = edits.value.val.val.each;
  CHECK(edits.value.is_some && edits.value.val.tag == WEIR_SHAPE_EACH && each.nulls.ptr[0] == 1);
  CHECK(std::string_view(reinterpret_cast<char *>(each.data.ptr), each.data.len) == "null-8you9");
  CHECK(logged == "rows 3");
  weir_abi_after_process(answer);
}

static void text_is_made_of_what_has_data_and_size() {
  std::string own = "own";
  std::string_view view = "view";
  CHECK(weir::Text(own) == "own" && weir::Text(view) == "view" && weir::Text("a") == weir::Text("a"));
  CHECK(weir::Text("text").to<std::string>() == "text");
  CHECK(std::strcmp(weir::Text(view.substr(1, 2)).c_str(), "ie") == 0 && *weir::Text().c_str() == 0);
  CHECK(!(weir::Maybe<weir::Text>() == "") && weir::Maybe<weir::Text>("") == "");
  CHECK(weir::Json::read(R"({"a":[true]})")["a"].size() == 1 && !weir::Json::read("{"));
}

int main() {
  the_config_and_its_mistakes_are_read();
  rows_are_processed();
  text_is_made_of_what_has_data_and_size();
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
