/// Routes records by their type.
#define WEIR_IMPLEMENTATION
#include "weir.h"

#define SCHEMA "https://json-schema.org/draft/2020-12/schema"
#define DROP_SCHEMA                                                                                                    \
  "{\"type\": \"string\", \"default\": \"debug\", \"description\": \"The type of the records that are dropped.\"}"

static const char config_schema[] = "{\"$schema\": \"" SCHEMA "\", \"type\": \"object\","
                                    " \"properties\": {\"drop\": " DROP_SCHEMA "},"
                                    " \"additionalProperties\": false}";

/// The type of the records that are dropped.
static weir_str drop;

/// The columns of the plan.
static uint32_t type_column, user_column;

void weir_describe(weir_description *description) {
  description->name = weir_text("my-plugin");
  description->version = weir_text("0.1.0");
  description->summary = weir_text("Routes records by their type.");
  description->config_schema = weir_text(config_schema);
}

void weir_configure(const weir_json *config, weir_plan *plan, weir_mistakes *mistakes) {
  static const char *const keys[] = {"drop"};
  if (!weir_config_keys(mistakes, config, keys, 1))
    return;
  drop = weir_config_text(mistakes, config, "drop", weir_text("debug"));

  type_column = weir_plan_input(plan, weir_input_header("type"));
  user_column = weir_plan_input(plan, weir_input_json("/userId"));
  weir_plan_effects(plan, WEIR_EFFECT_DROP | WEIR_EFFECT_DEAD_LETTER);
  weir_plan_header_name(plan, weir_text("seen-by"));
  weir_plan_topic(plan, weir_text("clicks"));
  weir_plan_topic(plan, weir_text("views"));
}

void weir_process(const weir_batch *batch, weir_edits *edits) {
  const weir_bytes *types = weir_batch_bytes(batch, type_column);
  const weir_bytes *users = weir_batch_bytes(batch, user_column);
  weir_cells *seen_by = weir_set_header(edits, weir_text("seen-by"));
  weir_topic clicks = weir_new_topic(edits, weir_text("clicks"));
  weir_topic views = weir_new_topic(edits, weir_text("views"));

  for (uint32_t row = 0; row < batch->count; row++) {
    weir_str type = weir_cell(types, row);
    if (weir_equal(type, drop)) {
      weir_drop(edits, row);
      continue;
    }
    if (weir_is_null(users, row)) {
      weir_dead_letter(edits, row, weir_text("no userId"));
      continue;
    }
    weir_row(seen_by, row, weir_text("weir"));
    if (weir_is(type, "click"))
      weir_route(edits, row, clicks);
    else if (weir_is(type, "view"))
      weir_route(edits, row, views);
  }
}
