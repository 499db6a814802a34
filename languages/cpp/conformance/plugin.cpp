/// The reference plugin of the conformance kit: does what the script in its config says. The commands are those of
/// conformance/README.md.
#define WEIR_IMPLEMENTATION
#include "weir.hpp"

namespace {

using weir::Maybe, weir::Text;

constexpr char config_schema[] = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": { "script": { "type": "array", "items": { "type": "string" } } },
  "required": ["script"],
  "additionalProperties": false
})";

/// A column of either kind.
struct Column {
  Column() = default;
  Column(weir::BytesColumn column) : bytes(column) {}
  Column(weir::IntsColumn column) : ints(column), is_ints(true) {}

  weir::BytesColumn bytes;
  weir::IntsColumn ints;
  bool is_ints = false;
};

/// A line's first word and the rest.
struct Words {
  Text first, rest;
};

Words split(Text line) {
  uint32_t end = 0;
  while (end < line.size() && line.data()[end] != ' ')
    end++;
  uint32_t rest = end + (end < line.size());
  return {{line.data(), end}, {line.data() + rest, line.size() - rest}};
}

int64_t number(Text digits) { return *weir::Json::read(digits).integer(); }

template <typename Input> Input from(Text source, const Input &input) {
  if (source == "value")
    return input;
  return source == "key" ? input.of_key() : input.of_header(source.c_str() + sizeof "header:" - 1);
}

Column add_input(weir::Plan &plan, Text spec) {
  auto [kind, rest] = split(spec);
  auto [source, last] = split(rest);
  if (kind == "key")
    return plan.input(weir::input::key());
  if (kind == "value")
    return plan.input(weir::input::value());
  if (kind == "header")
    return plan.input(weir::input::header(rest.c_str()));
  if (kind == "timestamp")
    return plan.input(weir::input::timestamp());
  if (kind == "timestamp-type")
    return plan.input(weir::input::timestamp_type());
  if (kind == "received")
    return plan.input(weir::input::received());
  if (kind == "offset")
    return plan.input(weir::input::offset());
  if (kind == "json")
    return plan.input(from(source, weir::input::json(last.c_str())));
  if (kind == "json-int")
    return plan.input(from(source, weir::input::json_int(last.c_str())));
  WEIR_ASSERT(kind == "capture");
  auto [group, pattern] = split(last);
  return plan.input(from(source, weir::input::capture(pattern.c_str(), static_cast<uint32_t>(number(group)))));
}

weir::Effect effect(Text name) {
  constexpr struct {
    Text name;
    weir::Effect effect;
  } effects[] = {
      {"key", weir::Effect::key},
      {"value", weir::Effect::value},
      {"timestamp", weir::Effect::timestamp},
      {"headers", weir::Effect::headers},
      {"route", weir::Effect::route},
      {"partition", weir::Effect::partition},
      {"drop", weir::Effect::drop},
      {"dead-letter", weir::Effect::dead_letter},
      {"expand", weir::Effect::expand},
  };
  for (const auto &known : effects)
    if (name == known.name)
      return known.effect;
  WEIR_PANIC("no such effect");
}

weir::Level level(Text name) {
  if (name == "debug")
    return weir::Level::debug;
  if (name == "info")
    return weir::Level::info;
  return name == "warn" ? weir::Level::warn : weir::Level::error;
}

/// A file that was read; null where there is none.
struct File {
  Text name;
  Maybe<Text> bytes;
};

/// What is left of the script after configuring.
struct Script {
  Text *commands = nullptr;
  Column *columns = nullptr;
  File *files = nullptr;
  uint32_t command_count = 0, column_count = 0, file_count = 0;
};

/// A batch, and the rows that edits speak of.
class Process {
public:
  Process(const Script &script, const weir::Batch &batch, weir::Edits &edits)
      : script_(script), batch_(batch), edits_(edits), sources_(new uint32_t[batch.size()]), count_(batch.size()) {
    for (uint32_t row : batch.rows())
      sources_[row] = row;
  }

  /// Does a command. Returns false where the batch failed.
  bool run(Text line) {
    auto [command, rest] = split(line);
    auto [first, last] = split(rest);
    if (command == "log") {
      weir::log(level(first), last);
    } else if (command == "count") {
      weir::count(first, static_cast<uint32_t>(number(last)));
    } else if (command == "fail") {
      bool is_failed = false;
      each(first, [&](uint32_t) { is_failed = true; });
      if (is_failed)
        edits_.fail(last);
      return !is_failed;
    } else if (command == "panic") {
      each(first, [&](uint32_t) { WEIR_PANIC(last.c_str()); });
    } else if (command == "expand") {
      expand(batch_[column(first).ints]);
    } else if (command == "drop") {
      each(first, [&](uint32_t row) { edits_.drop(row); });
    } else if (command == "dead-letter") {
      each(first, [&](uint32_t row) { edits_.dead_letter(row, last); });
    } else if (command == "set") {
      write(edits_.set_header(first), last);
    } else if (command == "append") {
      write(edits_.append_header(first), last);
    } else if (command == "remove" && last == "all") {
      edits_.remove_header_all(first);
    } else if (command == "remove") {
      each(split(last).rest, [&](uint32_t row) { edits_.remove_header(row, first); });
    } else if (command == "key") {
      write(edits_.key(), rest);
    } else if (command == "value") {
      write(edits_.value(), rest);
    } else if (command == "timestamp") {
      each(first, [&](uint32_t row) { edits_.timestamp(row, number(last)); });
    } else if (command == "partition") {
      each(first, [&](uint32_t row) { edits_.partition(row, static_cast<uint32_t>(number(last))); });
    } else if (command == "route") {
      weir::Topic topic = edits_.topic(last);
      each(first, [&](uint32_t row) { edits_.route(row, topic); });
    } else {
      edits_.fail(weir::Builder().add("no such command: ").add(line));
      return false;
    }
    return true;
  }

private:
  const Column &column(Text digits) const { return script_.columns[number(digits)]; }

  /// Returns a cell, an integer's in decimal digits.
  Maybe<Text> cell(const Column &column, uint32_t row) const {
    if (!column.is_ints)
      return batch_[column.bytes][row];
    Maybe<int64_t> integer = batch_[column.ints][row];
    return integer ? Maybe<Text>(weir::Builder().add_int(*integer)) : Maybe<Text>();
  }

  bool holds(Text where, uint32_t row) const {
    if (where == "*")
      return true;
    uint32_t digits = 0;
    while (digits < where.size() && where.data()[digits] >= '0' && where.data()[digits] <= '9')
      digits++;
    WEIR_ASSERT(digits < where.size());
    Maybe<Text> cell = this->cell(column({where.data(), digits}), row);
    switch (where.data()[digits]) {
    case '!':
      return !cell;
    case '?':
      return static_cast<bool>(cell);
    default:
      return cell == Text(where.data() + digits + 1, where.size() - digits - 1);
    }
  }

  /// Calls with every row of which WHERE holds.
  template <typename Do> void each(Text where, Do what) const {
    for (uint32_t row : weir::Rows(count_))
      if (holds(where, sources_[row]))
        what(row);
  }

  /// Makes of each row as many as the column says.
  void expand(weir::Ints copies) {
    int64_t all = 0;
    for (uint32_t row : batch_.rows())
      all += copies[row].value_or(0);
    sources_ = new uint32_t[static_cast<size_t>(all)];
    count_ = 0;
    for (uint32_t row : batch_.rows())
      for (int64_t left = copies[row].value_or(0); left > 0; left--)
        sources_[count_++] = row;
    edits_.expand(sources_, count_);
  }

  /// Writes CELLS.
  void write(weir::Cells cells, Text spec) const {
    auto [form, rest] = split(spec);
    if (form == "all") {
      cells.all(rest);
    } else if (form == "all-null") {
      cells.all_null();
    } else if (form == "column") {
      for (uint32_t row : batch_.rows())
        if (Maybe<Text> bytes = cell(column(rest), row))
          cells.row(row, *bytes);
    } else {
      auto [where, source] = split(rest);
      each(where, [&](uint32_t row) {
        if (Maybe<Text> bytes = value(source, sources_[row]))
          cells.row(row, *bytes);
        else
          cells.row_null(row);
      });
    }
  }

  /// Returns a VALUE of a row of the batch.
  Maybe<Text> value(Text spec, uint32_t row) const {
    auto [kind, rest] = split(spec);
    if (kind == "text")
      return rest;
    if (kind == "column")
      return cell(column(rest), row);
    if (kind == "headers")
      return headers(row);
    if (kind == "seen")
      return seen(row);
    if (kind == "last")
      return batch_.headers(row).last(rest).value_or({}).value;
    for (uint32_t at = 0; kind == "file" && at < script_.file_count; at++)
      if (rest == script_.files[at].name)
        return script_.files[at].bytes;
    return {};
  }

  Text headers(uint32_t row) const {
    weir::Builder text;
    const char *between = "";
    for (weir::Header header : batch_.headers(row)) {
      text.add(between).add(header.name);
      if (header.value)
        text.add("=").add(*header.value);
      between = ",";
    }
    return text;
  }

  Text seen(uint32_t row) const {
    weir::Builder text;
    text.add(batch_.topic()).add(" ").add_int(batch_.partition());
    for (uint32_t at = 0; at < script_.column_count; at++)
      text.add("|").add(cell(script_.columns[at], row).value_or("-"));
    return text;
  }

  const Script &script_;
  const weir::Batch &batch_;
  weir::Edits &edits_;
  /// Of each row, the row of the batch that it was made of.
  uint32_t *sources_;
  uint32_t count_;
};

class Reference {
public:
  weir::Description describe() const {
    return {
        .name = "reference",
        .version = "0.1.0",
        .summary = "Does what its script says.",
        .config_schema = config_schema,
    };
  }

  void configure(weir::Json config, weir::Plan &plan, weir::Mistakes &mistakes) {
    if (!mistakes.keys(config, "script"))
      return;
    if (!config["script"])
      mistakes.add(config, "`script` is missing");
    weir::Json lines = mistakes.array(config, "script");
    script_ = {new Text[lines.size()], new Column[lines.size()], new File[lines.size()]};
    for (weir::Json line : lines) {
      if (line.text())
        add(line, plan, mistakes);
      else
        mistakes.add(line, "must be a string");
    }
  }

  void process(const weir::Batch &batch, weir::Edits &edits) {
    Process process(script_, batch, edits);
    for (uint32_t at = 0; at < script_.command_count; at++)
      if (!process.run(script_.commands[at]))
        return;
  }

private:
  void add(weir::Json line, weir::Plan &plan, weir::Mistakes &mistakes) {
    auto [command, rest] = split(*line.text());
    if (command == "input") {
      script_.columns[script_.column_count++] = add_input(plan, rest);
    } else if (command == "all-headers") {
      plan.all_headers();
    } else if (command == "effects") {
      for (Words names = split(rest); !names.first.empty(); names = split(names.rest))
        plan.effects(effect(names.first));
    } else if (command == "header-name") {
      plan.header_name(rest);
    } else if (command == "topic") {
      plan.topic(rest);
    } else if (command == "file") {
      script_.files[script_.file_count++] = {rest, weir::lookup(rest)};
    } else if (command == "mistake") {
      mistakes.add(line, rest);
    } else {
      script_.commands[script_.command_count++] = *line.text();
    }
  }

  Script script_;
};

} // namespace

WEIR_PLUGIN(Reference)
