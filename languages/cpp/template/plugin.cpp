/// Routes records by their type.
#define WEIR_IMPLEMENTATION
#include "weir.hpp"

namespace {

constexpr char config_schema[] = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "drop": { "type": "string", "default": "debug", "description": "The type of the records that are dropped." }
  },
  "additionalProperties": false
})";

class Router {
public:
  weir::Description describe() const {
    return {
        .name = "my-plugin",
        .version = "0.1.0",
        .summary = "Routes records by their type.",
        .config_schema = config_schema,
    };
  }

  void configure(weir::Json config, weir::Plan &plan, weir::Mistakes &mistakes) {
    if (!mistakes.keys(config, "drop"))
      return;
    drop_ = mistakes.text(config, "drop", "debug");

    type_ = plan.input(weir::input::header("type"));
    user_ = plan.input(weir::input::json("/userId"));
    plan.effects(weir::Effect::drop | weir::Effect::dead_letter);
    plan.header_name("seen-by");
    plan.topic("clicks");
    plan.topic("views");
  }

  void process(const weir::Batch &batch, weir::Edits &edits) {
    weir::Bytes types = batch[type_], users = batch[user_];
    weir::Cells seen_by = edits.set_header("seen-by");
    weir::Topic clicks = edits.new_topic("clicks"), views = edits.new_topic("views");

    for (uint32_t row : batch.rows()) {
      weir::Maybe<weir::Text> type = types[row];
      if (type == drop_) {
        edits.drop(row);
        continue;
      }
      if (users.is_null(row)) {
        edits.dead_letter(row, "no userId");
        continue;
      }
      seen_by.row(row, "weir");
      if (type == "click")
        edits.route(row, clicks);
      else if (type == "view")
        edits.route(row, views);
    }
  }

private:
  /// The type of the records that are dropped.
  weir::Text drop_;
  weir::BytesColumn type_, user_;
};

} // namespace

WEIR_PLUGIN(Router)
