/// @file
/// The SDK of weir's plugins, interface 0.1, for C++ (from C++20): weir.h in C++'s own words. It needs no standard
/// library.
///
/// A plugin is a class with describe, configure and process (see weir::Interceptor), and one line:
/// `WEIR_PLUGIN(TheClass)`.
///
/// Memory comes from an arena, `new` included where there is no libc, and is never freed piece by piece. What configure
/// allocates stays for the life of the instance; what a batch allocates, the batch itself included, goes when its
/// answer was read. So do not keep in a member what process allocated.
#ifndef WEIR_HPP
#define WEIR_HPP

#include "weir.h"

namespace weir {

/// Bytes that are not changed: text, a key, a cell. A view: it does not own them.
class Text {
public:
  constexpr Text() = default;
  constexpr Text(const char *text) : Text(text, __builtin_strlen(text)) {}
  constexpr Text(const char *data, size_t size) : data_(data), size_(static_cast<uint32_t>(size)) {}
  constexpr Text(weir_str text) : data_(text.ptr), size_(text.len) {}

  /// From std::string, std::string_view and the like.
  template <typename Other>
    requires requires(const Other &other, const char *data, size_t size) {
      data = other.data();
      size = other.size();
    }
  constexpr Text(const Other &other) : Text(other.data(), other.size()) {}

  constexpr const char *data() const { return data_; }
  constexpr uint32_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const char *begin() const { return data_; }
  constexpr const char *end() const { return data_ + size_; }
  constexpr operator weir_str() const { return {data_, size_}; }

  /// Returns the same as a std::string_view, a std::string or the like.
  template <typename Other> constexpr Other to() const { return Other(data_, size_); }

  /// Returns a copy with a zero at its end, for functions that take a C string, such as input::header. A zero within
  /// the text ends it, too.
  const char *c_str() const { return weir_c_string(*this); }

  friend bool operator==(Text a, Text b) {
    return a.size_ == b.size_ && __builtin_memcmp(a.data_, b.data_, a.size_) == 0;
  }

private:
  const char *data_ = "";
  uint32_t size_ = 0;
};

/// A value or null.
template <typename T> class Maybe {
public:
  constexpr Maybe() = default;
  constexpr Maybe(T value) : value_(value), is_some_(true) {}

  constexpr explicit operator bool() const { return is_some_; }
  /// Returns the value. Null ends the call with a fault.
  constexpr const T &operator*() const {
    if (!is_some_)
      WEIR_PANIC("the value of a null was read");
    return value_;
  }
  constexpr const T *operator->() const { return &**this; }
  constexpr T value_or(T otherwise) const { return is_some_ ? value_ : otherwise; }

  /// Null equals no value.
  template <typename Other> friend constexpr bool operator==(const Maybe &a, const Other &b) {
    return a.is_some_ && a.value_ == T(b);
  }

private:
  T value_{};
  bool is_some_ = false;
};

/// Returns the text, null where the pointer is null.
constexpr Maybe<Text> maybe(weir_str text) { return text.ptr ? Maybe<Text>(Text(text)) : Maybe<Text>(); }

/// The numbers from 0 up to a count, for a range-based for.
class Rows {
public:
  struct Iterator {
    uint32_t at;
    uint32_t operator*() const { return at; }
    Iterator &operator++() {
      at++;
      return *this;
    }
    bool operator!=(const Iterator &other) const { return at != other.at; }
  };

  explicit Rows(uint32_t count) : count_(count) {}
  Iterator begin() const { return {0}; }
  Iterator end() const { return {count_}; }

private:
  uint32_t count_;
};

/// Text that grows piece by piece.
class Builder {
public:
  Builder &add(Text text) {
    weir_add(&builder_, text);
    return *this;
  }
  Builder &add_int(int64_t number) {
    weir_add_int(&builder_, number);
    return *this;
  }
  operator Text() const { return weir_built(&builder_); }

private:
  weir_builder builder_{};
};

// ---- The host ----

/// How much a log line matters.
enum class Level {
  debug = WEIR_DEBUG, ///< Of use to the plugin's author.
  info = WEIR_INFO,   ///< What an operator asked to know.
  warn = WEIR_WARN,   ///< Something went wrong and was made good.
  error = WEIR_ERROR  ///< Data is at risk or a person must act.
};

/// Writes to weir's log, once the edits of the call are accepted. Call it once a batch at most.
inline void log(Level level, Text message) { weir_log(static_cast<weir_level>(level), message); }

/// Adds to a metric of this interceptor, once the edits of the call are accepted. At most 64 names an interceptor;
/// adding 0 does nothing.
inline void count(Text name, uint32_t by) { weir_count(name, by); }

/// Returns a file that the interceptor's table names under `files`, null where there is none. Works only inside
/// configure.
inline Maybe<Text> lookup(Text name) {
  weir_str bytes;
  return weir_lookup(name, &bytes) ? Maybe<Text>(Text(bytes)) : Maybe<Text>();
}

// ---- JSON and the config ----

/// A JSON value, or none.
class Json {
public:
  struct Iterator {
    const weir_json *at;
    Json operator*() const { return Json(at); }
    Iterator &operator++() {
      at = at->next;
      return *this;
    }
    bool operator!=(const Iterator &other) const { return at != other.at; }
  };

  Json() = default;
  explicit Json(const weir_json *json) : json_(json) {}

  /// Reads a JSON text. Returns none where it is not JSON.
  static Json read(Text text) {
    const char *error;
    return Json(weir_json_read(text, &error));
  }

  explicit operator bool() const { return json_ != nullptr; }
  const weir_json *get() const { return json_; }

  bool is(weir_json_kind kind) const { return json_ && json_->kind == kind; }
  /// Returns the value; null where it is of another kind.
  Maybe<Text> text() const { return is(WEIR_JSON_STRING) ? Maybe<Text>(Text(json_->text)) : Maybe<Text>(); }
  /// As text.
  Maybe<int64_t> integer() const {
    return json_ && json_->is_integer ? Maybe<int64_t>(json_->integer) : Maybe<int64_t>();
  }
  /// As text.
  Maybe<double> number() const { return is(WEIR_JSON_NUMBER) ? Maybe<double>(json_->number) : Maybe<double>(); }
  /// As text.
  Maybe<bool> boolean() const { return is(WEIR_JSON_BOOL) ? Maybe<bool>(json_->is_true) : Maybe<bool>(); }
  /// Returns the name of a member of an object.
  Text name() const { return json_->name.ptr ? Text(json_->name) : Text(); }
  /// Returns the JSON text of the value.
  Text raw() const { return json_->raw; }

  /// Returns the member of that name; none where there is none or this is not an object.
  Json operator[](const char *name) const { return Json(weir_json_get(json_, name)); }
  /// Returns how many items or members there are.
  uint32_t size() const { return json_ ? json_->count : 0; }
  Iterator begin() const { return {json_ ? json_->first : nullptr}; }
  Iterator end() const { return {nullptr}; }

private:
  const weir_json *json_ = nullptr;
};

/// Collects what is wrong with a config. Its readers return what they were given last where a member is missing; a
/// wrong type is a mistake.
class Mistakes {
public:
  explicit Mistakes(weir_mistakes *mistakes) : mistakes_(mistakes) {}

  /// Notes a mistake at a value of the config. The message is in lower case and without a full stop.
  void add(Json at, Text message) { weir_mistake(mistakes_, at.get(), message); }

  /// Notes a mistake for every member that is not one of these names. Returns false where this is not an object.
  template <typename... Names> bool keys(Json object, Names... names) {
    const char *const known[] = {names..., nullptr};
    return weir_config_keys(mistakes_, object.get(), known, sizeof...(names));
  }

  Text text(Json object, const char *name, Text otherwise) {
    return weir_config_text(mistakes_, object.get(), name, otherwise);
  }
  int64_t integer(Json object, const char *name, int64_t otherwise) {
    return weir_config_int(mistakes_, object.get(), name, otherwise);
  }
  double number(Json object, const char *name, double otherwise) {
    return weir_config_number(mistakes_, object.get(), name, otherwise);
  }
  bool boolean(Json object, const char *name, bool otherwise) {
    return weir_config_bool(mistakes_, object.get(), name, otherwise);
  }
  /// Returns the member of that name and kind, or none.
  Json array(Json object, const char *name) { return member(object, name, WEIR_JSON_ARRAY); }
  /// As array.
  Json object(Json of, const char *name) { return member(of, name, WEIR_JSON_OBJECT); }

private:
  Json member(Json object, const char *name, weir_json_kind kind) {
    return Json(weir_config_member(mistakes_, object.get(), name, kind));
  }

  weir_mistakes *mistakes_;
};

// ---- The plan ----

/// What a plugin is.
struct Description {
  Text name;          ///< In kebab-case.
  Text version;       ///< Its own, such as "1.2.0".
  Text summary;       ///< What it does, in a sentence.
  Text config_schema; ///< JSON Schema of the config.
};

/// A column of bytes that a plugin reads.
class BytesInput {
public:
  explicit BytesInput(weir_input input) : input_(input) {}
  /// Looks in the key instead. Of use for json and capture.
  BytesInput of_key() const { return BytesInput(weir_of_key(input_)); }
  /// Looks in the last header of that name instead. Of use for json and capture.
  BytesInput of_header(const char *name) const { return BytesInput(weir_of_header(input_, name)); }
  const weir_input &get() const { return input_; }

private:
  weir_input input_;
};

/// A column of integers that a plugin reads.
class IntsInput {
public:
  explicit IntsInput(weir_input input) : input_(input) {}
  /// Looks in the key instead. Of use for json_int.
  IntsInput of_key() const { return IntsInput(weir_of_key(input_)); }
  /// Looks in the last header of that name instead. Of use for json_int.
  IntsInput of_header(const char *name) const { return IntsInput(weir_of_header(input_, name)); }
  const weir_input &get() const { return input_; }

private:
  weir_input input_;
};

/// What a plugin can read. Texts are not copied.
namespace input {
/// The key, null where the record has none.
inline BytesInput key() { return BytesInput(weir_input_key()); }
/// The value, null in a tombstone.
inline BytesInput value() { return BytesInput(weir_input_value()); }
/// The last header of that name.
inline BytesInput header(const char *name) { return BytesInput(weir_input_header(name)); }
/// The record's timestamp: ms since the epoch, null where it has none.
inline IntsInput timestamp() { return IntsInput(weir_input_timestamp()); }
/// Where the timestamp comes from: 0 create time, 1 log append time, null unknown.
inline IntsInput timestamp_type() { return IntsInput(weir_input_timestamp_type()); }
/// When weir fetched the record: ms since the epoch. It is the only clock, and with it a replay differs from a run.
inline IntsInput received() { return IntsInput(weir_input_received()); }
/// The record's offset in its partition.
inline IntsInput offset() { return IntsInput(weir_input_offset()); }
/// A member of the value, by RFC 6901 pointer: strings unescaped, anything else as its JSON text; null where the value
/// is not valid JSON, the member is missing, or it is `null`.
inline BytesInput json(const char *pointer) { return BytesInput(weir_input_json(pointer)); }
/// The same as an integer, also from a string of digits with a sign; null for anything else.
inline IntsInput json_int(const char *pointer) { return IntsInput(weir_input_json_int(pointer)); }
/// A group of the first match of a regular expression in the value, null where nothing matches or the group took no
/// part. The host runs it: the syntax is that of Rust's regex crate, and group 0 is the whole match.
inline BytesInput capture(const char *pattern, uint32_t group) {
  return BytesInput(weir_input_capture(pattern, group));
}
} // namespace input

/// What a plugin may do to a record; combine them with |.
enum class Effect : unsigned {
  key = WEIR_EFFECT_KEY,                 ///< Writes keys.
  value = WEIR_EFFECT_VALUE,             ///< Writes values.
  timestamp = WEIR_EFFECT_TIMESTAMP,     ///< Writes timestamps.
  headers = WEIR_EFFECT_HEADERS,         ///< Writes or removes headers; Plan::header_name implies it.
  route = WEIR_EFFECT_ROUTE,             ///< Chooses topics; Plan::topic implies it.
  partition = WEIR_EFFECT_PARTITION,     ///< Chooses partitions.
  drop = WEIR_EFFECT_DROP,               ///< Drops records.
  dead_letter = WEIR_EFFECT_DEAD_LETTER, ///< Sets records aside.
  expand = WEIR_EFFECT_EXPAND            ///< Makes several records of one.
};

constexpr Effect operator|(Effect a, Effect b) {
  return static_cast<Effect>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

/// The number of a column of bytes, see Batch::operator[].
struct BytesColumn {
  uint32_t number = 0;
};

/// The number of a column of integers, see Batch::operator[].
struct IntsColumn {
  uint32_t number = 0;
};

/// What a plugin reads and may change. weir passes nothing else to the plugin, and takes an edit that was not declared
/// for a fault.
class Plan {
public:
  explicit Plan(weir_plan *plan) : plan_(plan) {}

  /// Reads one column more.
  BytesColumn input(const BytesInput &input) { return {weir_plan_input(plan_, input.get())}; }
  /// Reads one column more.
  IntsColumn input(const IntsInput &input) { return {weir_plan_input(plan_, input.get())}; }
  /// Also reads all headers of every record. It costs a copy of all of them.
  void all_headers() { weir_plan_all_headers(plan_); }
  /// Allows these effects too.
  void effects(Effect effects) { weir_plan_effects(plan_, static_cast<unsigned>(effects)); }
  /// Allows to write and remove this header too; "*" is any. The name is not copied.
  void header_name(Text name) { weir_plan_header_name(plan_, name); }
  /// Allows to route to this topic too: a name, or a pattern with *. The name is not copied.
  void topic(Text topic) { weir_plan_topic(plan_, topic); }

private:
  weir_plan *plan_;
};

// ---- A batch ----

/// A column of bytes.
class Bytes {
public:
  explicit Bytes(const weir_bytes *column) : column_(column) {}
  /// Returns the cell of a row, without a copy.
  Maybe<Text> operator[](uint32_t row) const { return maybe(weir_cell(column_, row)); }
  bool is_null(uint32_t row) const { return weir_is_null(column_, row); }

private:
  const weir_bytes *column_;
};

/// A column of integers.
class Ints {
public:
  explicit Ints(const weir_ints *column) : column_(column) {}
  /// Returns the cell of a row.
  Maybe<int64_t> operator[](uint32_t row) const {
    int64_t cell;
    return weir_int(column_, row, &cell) ? Maybe<int64_t>(cell) : Maybe<int64_t>();
  }
  bool is_null(uint32_t row) const { return column_->nulls.ptr[row] != 0; }

private:
  const weir_ints *column_;
};

/// A header of a record.
struct Header {
  Text name;
  Maybe<Text> value;
};

/// The headers of a row, in their order, for a range-based for.
class Headers {
public:
  struct Iterator {
    const weir_batch *batch;
    uint32_t row, at;
    Header operator*() const {
      weir_header header = weir_header_at(batch, row, at);
      return {header.name, maybe(header.value)};
    }
    Iterator &operator++() {
      at++;
      return *this;
    }
    bool operator!=(const Iterator &other) const { return at != other.at; }
  };

  Headers(const weir_batch *batch, uint32_t row) : batch_(batch), row_(row) {}
  uint32_t size() const { return weir_header_count(batch_, row_); }
  Iterator begin() const { return {batch_, row_, 0}; }
  Iterator end() const { return {batch_, row_, size()}; }
  /// Returns the last header of that name, null where there is none; its value may be null, too.
  Maybe<Header> last(Text name) const {
    weir_str value;
    return weir_header_last(batch_, row_, name, &value) ? Maybe<Header>({name, maybe(value)}) : Maybe<Header>();
  }

private:
  const weir_batch *batch_;
  uint32_t row_;
};

/// Consecutive records of one partition, never empty. Valid until process returns.
class Batch {
public:
  explicit Batch(const weir_batch *batch) : batch_(batch) {}

  Text topic() const { return batch_->topic; }
  int32_t partition() const { return batch_->partition; }
  /// Returns how many records there are; rows are numbered from 0.
  uint32_t size() const { return batch_->count; }
  Rows rows() const { return Rows(size()); }
  /// Returns a column of the plan.
  Bytes operator[](BytesColumn column) const { return Bytes(weir_batch_bytes(batch_, column.number)); }
  /// Returns a column of the plan.
  Ints operator[](IntsColumn column) const { return Ints(weir_batch_ints(batch_, column.number)); }
  /// Returns the headers of a row. Needs Plan::all_headers.
  Headers headers(uint32_t row) const { return Headers(batch_, row); }

private:
  const weir_batch *batch_;
};

// ---- Edits ----

/// What is written to the rows of a batch: the same to all, or to each row its own bytes or null. Rows may be written
/// in any order (ascending is cheapest). A row that is not written is left alone. Bytes are copied.
class Cells {
public:
  explicit Cells(weir_cells *cells) : cells_(cells) {}

  /// Writes bytes, which may be empty, to a row.
  void row(uint32_t row, Text bytes) { weir_row(cells_, row, bytes); }
  /// Writes null to a row.
  void row_null(uint32_t row) { weir_row_null(cells_, row); }
  /// Writes the same bytes to every row that is not written on its own.
  void all(Text bytes) { weir_all(cells_, bytes); }
  /// Writes null to every row that is not written on its own.
  void all_null() { weir_all_null(cells_); }

private:
  weir_cells *cells_;
};

/// A topic within these edits.
class Topic {
public:
  explicit Topic(weir_topic topic) : topic_(topic) {}
  weir_topic get() const { return topic_; }

private:
  weir_topic topic_;
};

/// The changes to the rows of a batch. Rows that they do not speak of stay as they are. Naming a row that is not there
/// fails the batch with a message. Of a row written twice, the last counts.
class Edits {
public:
  explicit Edits(weir_edits *edits) : edits_(edits) {}

  /// Says that the batch as a whole could not be processed. weir then tries halves of it, down to the record that is
  /// the cause. For a record that is wrong see dead_letter.
  void fail(Text why) { weir_fail(edits_, why); }
  /// Returns how many rows the edits speak of: the batch's, or after expand that of its rows.
  uint32_t rows() const { return weir_rows(edits_); }
  /// Makes new rows: row j is a copy of the batch's row sources[j], ascending; a row of the batch that is not named is
  /// dropped, which needs Effect::drop. All other edits speak of the new rows, so it comes first. Needs Effect::expand.
  void expand(const uint32_t *sources, uint32_t count) { weir_expand(edits_, sources, count); }
  /// Drops a row: it goes nowhere and is counted as dropped. Needs Effect::drop.
  void drop(uint32_t row) { weir_drop(edits_, row); }
  /// Sets the record aside, as it came, with the reason (at most 1 KiB of it is kept). All rows that came from that
  /// record go with it. Needs Effect::dead_letter.
  void dead_letter(uint32_t row, Text reason) { weir_dead_letter(edits_, row, reason); }
  /// Sets the headers of that name: the first keeps its place and takes the value, the others go; a row without one
  /// gets it at the end. Called again with the same name it goes on with the same cells.
  Cells set_header(Text name) { return Cells(weir_set_header(edits_, name)); }
  /// Adds a header at the end, whatever is there. A row written twice gets two headers, and one written besides all
  /// gets that first. Of several names, all headers of the one that was named first come first.
  Cells append_header(Text name) { return Cells(weir_append_header(edits_, name)); }
  /// Removes all headers of that name from a row.
  void remove_header(uint32_t row, Text name) { weir_remove_header(edits_, row, name); }
  /// Removes all headers of that name from every row.
  void remove_header_all(Text name) { weir_remove_header_all(edits_, name); }
  /// Writes keys. Needs Effect::key.
  Cells key() { return Cells(weir_key(edits_)); }
  /// Writes values. Needs Effect::value.
  Cells value() { return Cells(weir_value(edits_)); }
  /// Writes a row's timestamp: ms since the epoch. Needs Effect::timestamp.
  void timestamp(uint32_t row, int64_t ms) { weir_timestamp(edits_, row, ms); }
  /// Returns the number of a topic, for a plugin that routes row by row.
  Topic topic(Text name) { return Topic(weir_topic_of(edits_, name)); }
  /// The same without the search, for a plugin with a table of topics, which names each once.
  Topic new_topic(Text name) { return Topic(weir_new_topic(edits_, name)); }
  /// Routes a row to a topic. Needs Plan::topic.
  void route(uint32_t row, Topic topic) { weir_route(edits_, row, topic.get()); }
  /// Routes a row to a topic by name.
  void route_to(uint32_t row, Text topic) { weir_route_to(edits_, row, topic); }
  /// Sends a row to a partition of its topic, from 0. Needs Effect::partition.
  void partition(uint32_t row, uint32_t partition) { weir_partition(edits_, row, partition); }

private:
  weir_edits *edits_;
};

/// What a plugin is: a class that can be made without arguments, with these three.
///
/// describe says what it is, and may be called without configure. configure reads the config and says what the plugin
/// reads and may change, or every mistake of the config; it is called once an instance, sometimes only to validate.
/// process says what changes in a batch; it keeps nothing that matters between two batches.
template <typename P>
concept Interceptor = requires(P plugin, Json config, Plan &plan, Mistakes &mistakes, const Batch &batch, Edits &edits,
                               Description description) {
  description = plugin.describe();
  plugin.configure(config, plan, mistakes);
  plugin.process(batch, edits);
};

} // namespace weir

/// Makes a class the plugin of this program. Once, and `#define WEIR_IMPLEMENTATION` before the include in that file.
#define WEIR_PLUGIN(Class)                                                                                             \
  static_assert(weir::Interceptor<Class>);                                                                             \
  static Class weir_plugin;                                                                                            \
  extern "C" void weir_describe(weir_description *description) {                                                       \
    weir::Description said = weir_plugin.describe();                                                                   \
    *description = {said.name, said.version, said.summary, said.config_schema};                                        \
  }                                                                                                                    \
  extern "C" void weir_configure(const weir_json *config, weir_plan *plan, weir_mistakes *mistakes) {                  \
    weir::Plan made(plan);                                                                                             \
    weir::Mistakes found(mistakes);                                                                                    \
    weir_plugin.configure(weir::Json(config), made, found);                                                            \
  }                                                                                                                    \
  extern "C" void weir_process(const weir_batch *batch, weir_edits *edits) {                                           \
    weir::Edits made(edits);                                                                                           \
    weir_plugin.process(weir::Batch(batch), made);                                                                     \
  }

// What the compiler calls by itself where there is no standard library.
#if defined(WEIR_IMPLEMENTATION) && defined(__wasm32__) && !defined(__wasi__)
void *operator new(size_t size) { return weir_alloc(1, size); }
void *operator new[](size_t size) { return weir_alloc(1, size); }
void operator delete(void *) noexcept {}
void operator delete[](void *) noexcept {}
void operator delete(void *, size_t) noexcept {}
void operator delete[](void *, size_t) noexcept {}
// Static objects are never destroyed: an instance is thrown away as a whole.
extern "C" int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }
extern "C" void __cxa_pure_virtual() { WEIR_PANIC("a pure virtual function was called"); }
extern "C" {
void *__dso_handle;
}
#endif

#endif // WEIR_HPP
