//! Writes plugins for weir, the gateway between Kafka topics, in Zig.
//!
//! A plugin says once what it reads and may change (`Plan`). weir extracts exactly that, natively, and passes it as a
//! `Batch` of columns; the plugin answers with `Edits`. A plugin is a struct:
//!
//!     const NoTombstones = struct {
//!         pub const Config = struct {};
//!         pub const description: weir.Description = .{
//!             .name = "no-tombstones",
//!             .version = "0.1.0",
//!             .summary = "Drops records without a value.",
//!             .config_schema = "{\"type\":\"object\",\"additionalProperties\":false}",
//!         };
//!
//!         pub fn init(_: Config, plan: *weir.Plan, _: *weir.Mistakes) !NoTombstones {
//!             try plan.inputs(&.{.value});
//!             plan.effects = .{ .drop = true };
//!             return .{};
//!         }
//!
//!         pub fn process(_: *NoTombstones, batch: weir.Batch, edits: *weir.Edits) !void {
//!             const values = try batch.bytes(0);
//!             for (0..batch.len()) |row| if (values.isNull(row)) try edits.drop(row);
//!         }
//!     };
//!
//!     pub const panic = weir.panic;
//!     comptime {
//!         weir.exportPlugin(NoTombstones);
//!     }
//!
//! Built for `wasm32-freestanding` it imports nothing but weir. There is no clock, no randomness, no file and no
//! environment: the same config and records give the same edits on every machine.

const std = @import("std");
const builtin = @import("builtin");

const is_wasm = builtin.target.cpu.arch.isWasm();
const backing = if (is_wasm) std.heap.wasm_allocator else std.heap.page_allocator;

/// What lives until the call is over.
var call_arena: std.heap.ArenaAllocator = .init(backing);
/// What lives as long as the instance.
var instance_arena: std.heap.ArenaAllocator = .init(backing);

/// Memory that is freed when the call is over: for everything that `process` needs.
pub const scratch: std.mem.Allocator = call_arena.allocator();
/// Memory that is never freed: for what `init` keeps. A `process` that allocates here grows without end.
pub const forever: std.mem.Allocator = instance_arena.allocator();

/// `Failed` has a message, which `fail` wrote.
pub const Error = error{ OutOfMemory, Failed };

/// The message of the last `error.Failed`.
var failure: []const u8 = "";

/// Fails the call with a message: `return weir.fail("no table of {s}", .{name})`.
/// From `process` it speaks of the whole batch: weir then tries halves of it, down to the one record that the error is
/// about. A record that is merely wrong is no error: see `Edits.drop` and `Edits.deadLetter`.
pub fn fail(comptime format: []const u8, args: anytype) Error {
    failure = try std.fmt.allocPrint(scratch, format, args);
    return error.Failed;
}

fn messageOf(err: anyerror) []const u8 {
    return if (err == error.Failed) failure else @errorName(err);
}

// ---------------------------------------------------------------------------------------------------- the plan

/// What a plugin is.
pub const Description = struct {
    /// In kebab-case.
    name: []const u8,
    /// Its own, such as "1.2.0".
    version: []const u8,
    /// What it does, in a sentence.
    summary: []const u8,
    /// JSON Schema of the config.
    config_schema: []const u8,
};

/// Where a capture or a member is looked for.
pub const Source = union(enum) {
    key,
    value,
    /// In the last header of that name.
    header: []const u8,
};

/// An RFC 6901 pointer into a JSON document, such as "/user/id"; "" is the whole document.
pub const Member = struct { pointer: []const u8, source: Source = .value };

/// A group of a regular expression's first match; 0 is the whole match. The meaning is that of the `bytes` module of
/// Rust's regex crate, Unicode on.
pub const Capture = struct { pattern: []const u8, group: u32 = 0, source: Source = .value };

/// A column that a plugin reads. Those marked (ints) are read by `Batch.ints`, all others by `Batch.bytes`.
pub const Input = union(enum) {
    /// Of the record, null where it has none.
    key,
    /// Of the record, null in a tombstone.
    value,
    /// The last of that name.
    header: []const u8,
    /// Of the record, ms since the epoch, null where it has none (ints).
    timestamp,
    /// 0 create time, 1 log append time, null unknown (ints).
    timestamp_type,
    /// When weir fetched the record, ms since the epoch (ints). A plan that has it makes replay differ from run.
    received,
    /// Of the record in its partition (ints).
    offset,
    /// Strings unescaped, all else as its JSON text; null where there is no JSON document, or the member is
    /// missing or `null`.
    json: Member,
    /// An integer within i64, or a string of digits with a sign; else null (ints).
    json_int: Member,
    /// Null where nothing matches, or the group took no part in the match.
    capture: Capture,
};

/// What a plugin may do to a record.
pub const Effects = packed struct(u16) {
    key: bool = false,
    value: bool = false,
    timestamp: bool = false,
    /// Implied by `Plan.headerNames`.
    headers: bool = false,
    /// Implied by `Plan.topics`.
    route: bool = false,
    partition: bool = false,
    drop: bool = false,
    dead_letter: bool = false,
    expand: bool = false,
    _: u7 = 0,
};

/// What a plugin reads and what it may change. weir passes nothing else into the sandbox, and treats an edit that was
/// not declared as a fault.
pub const Plan = struct {
    /// What it may do.
    effects: Effects = .{},
    /// Whether it reads every header of every record (`Batch.headers`): costs a copy of all of them.
    all_headers: bool = false,
    columns: std.ArrayList(abi.Input) = .empty,
    names: std.ArrayList(abi.Str) = .empty,
    routes: std.ArrayList(abi.Str) = .empty,

    /// Reads these columns too. The first one ever added is column 0 of every batch.
    pub fn inputs(plan: *Plan, all: []const Input) Error!void {
        for (all) |one| _ = try plan.column(one);
    }

    /// Reads one column more and returns its number.
    pub fn column(plan: *Plan, one: Input) Error!usize {
        try plan.columns.append(scratch, try abi.Input.of(one));
        return plan.columns.items.len - 1;
    }

    /// May write and remove these headers too; "*" is any name.
    pub fn headerNames(plan: *Plan, all: []const []const u8) Error!void {
        for (all) |name| try plan.names.append(scratch, try abi.Str.copy(name));
    }

    /// May route to these topics too: names, or patterns with `*`.
    pub fn topics(plan: *Plan, all: []const []const u8) Error!void {
        for (all) |name| try plan.routes.append(scratch, try abi.Str.copy(name));
    }

    fn finish(plan: *const Plan) abi.Plan {
        var effects = plan.effects;
        if (plan.names.items.len > 0) effects.headers = true;
        if (plan.routes.items.len > 0) effects.route = true;
        return .{
            .inputs = .of(plan.columns.items),
            .all_headers = plan.all_headers,
            .effects = effects,
            .header_names = .of(plan.names.items),
            .topics = .of(plan.routes.items),
        };
    }
};

/// What is wrong in a config, each with its place. Add all of them before you return.
pub const Mistakes = struct {
    lines: std.ArrayList(u8) = .empty,

    /// A mistake at an RFC 6901 pointer ("" is the config as a whole). Say what is wrong and what to write instead, in
    /// lower case without a full stop.
    pub fn add(mistakes: *Mistakes, pointer: []const u8, comptime format: []const u8, args: anytype) Error!void {
        const message = try std.fmt.allocPrint(scratch, format, args);
        for (message) |*byte| if (byte.* == '\n' or byte.* == '\r') {
            byte.* = ' ';
        };
        try mistakes.lines.print(scratch, "{s}: {s}\n", .{ pointer, message });
    }

    /// Whether there is any.
    pub fn any(mistakes: *const Mistakes) bool {
        return mistakes.lines.items.len > 0;
    }
};

// --------------------------------------------------------------------------------------------------- the batch

/// Consecutive records of one partition: the columns that the plan declared, in its order. Never empty. What it gives out
/// is not copied and lives until the call is over.
pub const Batch = struct {
    raw: *const abi.Batch,

    /// The topic the records came from.
    pub fn topic(batch: Batch) []const u8 {
        return batch.raw.topic.slice();
    }

    /// The partition the records came from.
    pub fn partition(batch: Batch) i32 {
        return batch.raw.partition;
    }

    /// How many records: rows are numbered from 0.
    pub fn len(batch: Batch) usize {
        return batch.raw.count;
    }

    /// Column `at` of the plan, one of bytes. Another one is a mistake of the plugin, and fails.
    pub fn bytes(batch: Batch, at: usize) Error!Bytes {
        const columns = batch.raw.columns.slice();
        if (at >= columns.len) return fail("the plan has no column {d}", .{at});
        if (columns[at].tag != 0) return fail("column {d} holds integers, not bytes", .{at});
        return .of(&columns[at].as.bytes);
    }

    /// Column `at` of the plan, one of integers. Another one is a mistake of the plugin, and fails.
    pub fn ints(batch: Batch, at: usize) Error!Ints {
        const columns = batch.raw.columns.slice();
        if (at >= columns.len) return fail("the plan has no column {d}", .{at});
        if (columns[at].tag != 1) return fail("column {d} holds bytes, not integers", .{at});
        const column = &columns[at].as.ints;
        return .{ .values = column.values.slice(), .nulls = column.nulls.slice() };
    }

    /// Every header of every record; null unless the plan asked for all.
    pub fn headers(batch: Batch) ?Headers {
        if (!batch.raw.headers.some) return null;
        const table = &batch.raw.headers.val;
        return .{
            .starts = table.starts.slice(),
            .names = table.names.slice(),
            .name_index = table.name_index.slice(),
            .cells = .of(&table.cells),
        };
    }
};

/// A column of byte strings, each of which may be null.
pub const Bytes = struct {
    offsets: []const u32,
    data: []const u8,
    nulls: []const u8,

    fn of(column: *const abi.Bytes) Bytes {
        return .{ .offsets = column.offsets.slice(), .data = column.data.slice(), .nulls = column.nulls.slice() };
    }

    /// The cell of a row; null where it is null. Empty is not null.
    pub inline fn get(column: Bytes, row: usize) ?[]const u8 {
        if (column.isNull(row)) return null;
        return column.data[column.offsets[row]..column.offsets[row + 1]];
    }

    /// Whether the cell of a row is null.
    pub inline fn isNull(column: Bytes, row: usize) bool {
        return column.nulls.len > 0 and column.nulls[row] != 0;
    }

    /// Whether the cell of a row is this text.
    pub inline fn eql(column: Bytes, row: usize, text: []const u8) bool {
        return std.mem.eql(u8, column.get(row) orelse return false, text);
    }

    /// How many rows.
    pub fn len(column: Bytes) usize {
        return column.offsets.len - 1;
    }
};

/// A column of integers, each of which may be null.
pub const Ints = struct {
    values: []const i64,
    nulls: []const u8,

    /// The cell of a row; null where it is null.
    pub inline fn get(column: Ints, row: usize) ?i64 {
        if (column.nulls.len > 0 and column.nulls[row] != 0) return null;
        return column.values[row];
    }

    /// How many rows.
    pub fn len(column: Ints) usize {
        return column.values.len;
    }
};

/// A header of a record.
pub const Header = struct { name: []const u8, value: ?[]const u8 };

/// Every header of every record of a batch.
pub const Headers = struct {
    starts: []const u32,
    names: []const abi.Str,
    name_index: []const u32,
    cells: Bytes,

    /// A row's headers, in their order; names may repeat. `while (it.next()) |header| …`
    pub fn row(headers: Headers, at: usize) Iterator {
        return .{ .headers = headers, .at = headers.starts[at], .end = headers.starts[at + 1] };
    }

    /// The last of a row's headers of that name; null where there is none.
    pub fn last(headers: Headers, at: usize, name: []const u8) ?Header {
        var entry = headers.starts[at + 1];
        while (entry > headers.starts[at]) {
            entry -= 1;
            const header = headers.get(entry);
            if (std.mem.eql(u8, header.name, name)) return header;
        }
        return null;
    }

    fn get(headers: Headers, entry: u32) Header {
        return .{ .name = headers.names[headers.name_index[entry]].slice(), .value = headers.cells.get(entry) };
    }

    pub const Iterator = struct {
        headers: Headers,
        at: u32,
        end: u32,

        pub fn next(it: *Iterator) ?Header {
            if (it.at == it.end) return null;
            defer it.at += 1;
            return it.headers.get(it.at);
        }
    };
};

// --------------------------------------------------------------------------------------------------- the edits

/// What is written to the rows of a batch: the same to all, or to each row its own bytes or null.
///
/// Rows may be written in any order (ascending is cheapest); of a row written twice, the last counts. A row that is not
/// written is left alone. Bytes are copied. Which of the interface's three shapes carries the cells is decided when the
/// batch is done.
pub const Cells = struct {
    rows: usize,
    /// A row written twice gets two headers.
    appends: bool = false,
    constant: ?(?[]const u8) = null,
    /// One a row, or none at all.
    slots: []Slot = &.{},
    data: std.ArrayList(u8) = .empty,
    written: usize = 0,
    nulls: usize = 0,
    /// The row after the last one that was written.
    next: usize = 0,
    /// Whether rows were written in ascending order, each once.
    is_ordered: bool = true,
    /// What was appended to rows that have something already.
    again: ?*Cells = null,

    const Slot = struct { start: u32, len: u32 };
    const left = std.math.maxInt(u32);
    const nil = left - 1;

    /// Writes the same bytes to every row that is not written on its own.
    pub fn all(cells: *Cells, bytes: []const u8) Error!void {
        cells.constant = @as(?[]const u8, try scratch.dupe(u8, bytes));
    }

    /// Writes null to every row that is not written on its own.
    pub fn allNull(cells: *Cells) void {
        cells.constant = @as(?[]const u8, null);
    }

    /// Writes bytes (may be empty) to a row.
    pub fn row(cells: *Cells, at: usize, bytes: []const u8) Error!void {
        return cells.rowParts(at, &.{bytes});
    }

    /// Writes the parts, one after the other, to a row.
    pub fn rowParts(cells: *Cells, at: usize, parts: []const []const u8) Error!void {
        const to = try cells.open(at);
        const start = to.data.items.len;
        for (parts) |part| try to.data.appendSlice(scratch, part);
        to.close(at, start);
    }

    /// Writes formatted text to a row.
    pub fn rowPrint(cells: *Cells, at: usize, comptime format: []const u8, args: anytype) Error!void {
        const to = try cells.open(at);
        const start = to.data.items.len;
        try to.data.print(scratch, format, args);
        to.close(at, start);
    }

    /// Writes null to a row.
    pub fn rowNull(cells: *Cells, at: usize) Error!void {
        const to = try cells.open(at);
        to.close(at, to.data.items.len);
        to.slots[at].len = nil;
        to.nulls += 1;
    }

    /// Writes to a row what a column has there; where that is null, the row is left alone.
    pub fn rowOf(cells: *Cells, at: usize, from: Bytes) Error!void {
        if (from.get(at)) |bytes| try cells.row(at, bytes);
    }

    /// Writes a whole column, row by row: a cell that is null leaves its row alone.
    pub fn column(cells: *Cells, from: Bytes) Error!void {
        for (0..from.len()) |at| try cells.rowOf(at, from);
    }

    /// Whether nothing was written.
    fn isEmpty(cells: *const Cells) bool {
        return cells.constant == null and cells.written == 0;
    }

    /// The cells that a row is written to, with room for it.
    fn open(cells: *Cells, at: usize) Error!*Cells {
        if (at >= cells.rows) return noRow(at, cells.rows);
        if (cells.slots.len == 0) {
            cells.slots = try scratch.alloc(Slot, cells.rows);
            @memset(cells.slots, .{ .start = 0, .len = left });
        }
        if (cells.slots[at].len != left) {
            if (cells.appends) {
                if (cells.again == null) {
                    const again = try scratch.create(Cells);
                    again.* = .{ .rows = cells.rows, .appends = true };
                    cells.again = again;
                }
                return cells.again.?.open(at);
            }
            if (cells.slots[at].len == nil) cells.nulls -= 1;
            cells.written -= 1;
            cells.is_ordered = false;
        }
        return cells;
    }

    fn close(cells: *Cells, at: usize, start: usize) void {
        cells.slots[at] = .{ .start = @intCast(start), .len = @intCast(cells.data.items.len - start) };
        if (at < cells.next) cells.is_ordered = false;
        cells.next = at + 1;
        cells.written += 1;
    }

    /// The shape that says it in few bytes; none where nothing was written.
    fn finish(cells: *Cells) Error!abi.Option(abi.Cells) {
        if (cells.isEmpty()) return .{};
        if (cells.constant) |constant| {
            if (cells.written == 0) return .{ .some = true, .val = .constant(constant) };
            cells.constant = null;
            for (0..cells.rows) |at| if (cells.slots[at].len == left) {
                if (constant) |bytes| try cells.row(at, bytes) else try cells.rowNull(at);
            };
        }
        const is_dense = cells.nulls == 0 and cells.written * 4 > cells.rows;
        return .{ .some = true, .val = if (is_dense) .each(try cells.whole()) else try cells.sparse() };
    }

    /// One cell a row, null where nothing was written or null was.
    fn whole(cells: *Cells) Error!abi.Bytes {
        const offsets = try scratch.alloc(u32, cells.rows + 1);
        const nulls = try scratch.alloc(u8, if (cells.written == cells.rows and cells.nulls == 0) 0 else cells.rows);
        const data = try cells.ordered();
        var end: u32 = 0;
        offsets[0] = 0;
        for (cells.slots, offsets[1..]) |slot, *offset| {
            if (slot.len < nil) end += slot.len;
            offset.* = end;
        }
        if (nulls.len > 0) for (cells.slots, nulls) |slot, *mark| {
            mark.* = @intFromBool(slot.len >= nil);
        };
        return .{ .offsets = .of(offsets), .data = .of(data), .nulls = .of(nulls) };
    }

    /// One cell for each row that was written.
    fn sparse(cells: *Cells) Error!abi.Cells {
        const rows = try scratch.alloc(u32, cells.written);
        const offsets = try scratch.alloc(u32, cells.written + 1);
        const nulls = try scratch.alloc(u8, if (cells.nulls == 0) 0 else cells.written);
        const data = try cells.ordered();
        var end: u32 = 0;
        var kept: usize = 0;
        offsets[0] = 0;
        for (cells.slots, 0..) |slot, at| {
            if (slot.len == left) continue;
            if (slot.len < nil) end += slot.len;
            if (nulls.len > 0) nulls[kept] = @intFromBool(slot.len == nil);
            rows[kept] = @intCast(at);
            kept += 1;
            offsets[kept] = end;
        }
        return .sparse(.{
            .rows = .of(rows),
            .cells = .{ .offsets = .of(offsets), .data = .of(data), .nulls = .of(nulls) },
        });
    }

    /// The bytes of the rows in their order.
    fn ordered(cells: *Cells) Error![]const u8 {
        if (cells.is_ordered) return cells.data.items;
        var data: std.ArrayList(u8) = .empty;
        try data.ensureTotalCapacity(scratch, cells.data.items.len);
        for (cells.slots) |slot| {
            if (slot.len < nil) data.appendSliceAssumeCapacity(cells.data.items[slot.start..][0..slot.len]);
        }
        return data.items;
    }
};

/// Rows whose headers of a name go.
pub const Removal = struct {
    cells: *Cells,

    /// Removes them from every row.
    pub fn all(removal: Removal) void {
        removal.cells.allNull();
    }

    /// Removes them from one row.
    pub fn row(removal: Removal, at: usize) Error!void {
        try removal.cells.row(at, "");
    }
};

/// A topic that records of this batch may be routed to; see `Edits.topic`.
pub const Topic = enum(u32) { _ };

/// The changes to the rows of one batch. What they do not speak of stays as it is.
///
/// Columns get as many cells as there are rows, and an edit of a row that is not there fails the batch with a message.
pub const Edits = struct {
    inputs: usize,
    count: usize,
    sources: ?[]const u32 = null,
    verdicts: []u8 = &.{},
    reasons: Cells,
    headers: std.ArrayList(*HeaderCells) = .empty,
    keys: Cells,
    values: Cells,
    times: []i64 = &.{},
    untimed: []u8 = &.{},
    topics: std.ArrayList(abi.Str) = .empty,
    routes: []i32 = &.{},
    partitions: []i32 = &.{},

    const HeaderCells = struct { name: []const u8, op: abi.HeaderOp, cells: Cells };
    const leave = -1;

    fn forRows(all: usize) Edits {
        const cells: Cells = .{ .rows = all };
        return .{ .inputs = all, .count = all, .reasons = cells, .keys = cells, .values = cells };
    }

    /// How many rows the edits speak of: the batch's, or after `expand` that of its rows.
    pub fn rows(edits: *const Edits) usize {
        return edits.count;
    }

    /// Makes new rows: row j is a copy of the batch's row `sources[j]`, ascending; a row of the batch that is not named
    /// is dropped (which needs `drop`). From here on everything speaks of the new rows, so it comes first. Needs `expand`.
    pub fn expand(edits: *Edits, sources: []const u32) Error!void {
        const is_touched = edits.sources != null or edits.verdicts.len > 0 or edits.headers.items.len > 0 or
            !edits.keys.isEmpty() or !edits.values.isEmpty() or edits.times.len > 0 or edits.routes.len > 0 or
            edits.partitions.len > 0;
        if (is_touched) return fail("expand comes after other edits: call it first, and once", .{});
        for (sources, 0..) |source, at| {
            if (source >= edits.inputs) return noRow(source, edits.inputs);
            if (at > 0 and source < sources[at - 1]) return fail("expand names rows out of order", .{});
        }
        const inputs = edits.inputs;
        edits.* = .forRows(sources.len);
        edits.inputs = inputs;
        edits.sources = try scratch.dupe(u32, sources);
    }

    /// Drops a row: it goes nowhere and is counted as dropped. Needs `drop`.
    pub fn drop(edits: *Edits, row: usize) Error!void {
        try edits.verdict(row, .drop);
    }

    /// Sets the record aside, as it came, with the reason (at most 1 KiB of it is kept). All rows that came from that
    /// record go with it. Needs `dead_letter`.
    pub fn deadLetter(edits: *Edits, row: usize, reason: []const u8) Error!void {
        try edits.verdict(row, .dead_letter);
        try edits.reasons.row(row, reason);
    }

    fn verdict(edits: *Edits, row: usize, what: abi.Verdict) Error!void {
        try edits.check(row);
        try edits.fill(u8, &edits.verdicts, @backingInt(abi.Verdict.keep));
        edits.verdicts[row] = @backingInt(what);
    }

    /// Sets the headers of that name: the first keeps its place and takes the value, the others go; a row without one
    /// gets it at the end. Called again with the same name it goes on with the same cells.
    pub fn setHeader(edits: *Edits, name: []const u8) Error!*Cells {
        return edits.header(name, .set);
    }

    /// Adds a header at the end, whatever is there. Called again with the same name it goes on with the same cells; a row
    /// written twice gets two headers.
    pub fn appendHeader(edits: *Edits, name: []const u8) Error!*Cells {
        return edits.header(name, .append);
    }

    /// Removes all headers of that name from the rows that are named next.
    pub fn removeHeader(edits: *Edits, name: []const u8) Error!Removal {
        return .{ .cells = try edits.header(name, .remove) };
    }

    fn header(edits: *Edits, name: []const u8, op: abi.HeaderOp) Error!*Cells {
        // Only the last edit of a name may go on: an earlier one is applied before it, and must not see later cells.
        var at = edits.headers.items.len;
        while (at > 0) {
            at -= 1;
            const known = edits.headers.items[at];
            if (!std.mem.eql(u8, known.name, name)) continue;
            if (known.op == op) return &known.cells;
            break;
        }
        const new = try scratch.create(HeaderCells);
        new.* = .{
            .name = try scratch.dupe(u8, name),
            .op = op,
            .cells = .{ .rows = edits.count, .appends = op == .append },
        };
        try edits.headers.append(scratch, new);
        return &new.cells;
    }

    /// Writes keys. Needs `key`.
    pub fn key(edits: *Edits) *Cells {
        return &edits.keys;
    }

    /// Writes values. Needs `value`.
    pub fn value(edits: *Edits) *Cells {
        return &edits.values;
    }

    /// Writes a row's timestamp: ms since the epoch. Needs `timestamp`.
    pub fn timestamp(edits: *Edits, row: usize, ms: i64) Error!void {
        try edits.check(row);
        try edits.fill(i64, &edits.times, 0);
        try edits.fill(u8, &edits.untimed, 1);
        edits.times[row] = ms;
        edits.untimed[row] = 0;
    }

    /// A topic within these edits: look it up once a batch, before the loop.
    pub fn topic(edits: *Edits, name: []const u8) Error!Topic {
        for (edits.topics.items, 0..) |known, at| {
            if (std.mem.eql(u8, known.slice(), name)) return @fromBackingInt(@intCast(at));
        }
        try edits.topics.append(scratch, try abi.Str.copy(name));
        return @fromBackingInt(@intCast(edits.topics.items.len - 1));
    }

    /// Routes a row to a topic, which has to be in `Plan.topics`.
    pub fn route(edits: *Edits, row: usize, to: Topic) Error!void {
        try edits.check(row);
        if (@backingInt(to) >= edits.topics.items.len) return fail("a route to a topic of other edits", .{});
        try edits.fill(i32, &edits.routes, leave);
        edits.routes[row] = @intCast(@backingInt(to));
    }

    /// Routes a row to a topic by name.
    pub fn routeTo(edits: *Edits, row: usize, name: []const u8) Error!void {
        try edits.route(row, try edits.topic(name));
    }

    /// Sends a row to a partition of its topic (from 0). Needs `partition`.
    pub fn partition(edits: *Edits, row: usize, number: u31) Error!void {
        try edits.check(row);
        try edits.fill(i32, &edits.partitions, leave);
        edits.partitions[row] = number;
    }

    fn check(edits: *const Edits, row: usize) Error!void {
        if (row >= edits.count) return noRow(row, edits.count);
    }

    /// Makes an entry of every row, where there is none yet.
    fn fill(edits: *const Edits, comptime T: type, entries: *[]T, rest: T) Error!void {
        if (entries.len > 0) return;
        entries.* = try scratch.alloc(T, edits.count);
        @memset(entries.*, rest);
    }

    fn finish(edits: *Edits) Error!abi.Edits {
        var headers: std.ArrayList(abi.HeaderEdit) = .empty;
        for (edits.headers.items) |one| {
            if (one.op == .append) if (one.cells.constant) |constant| {
                one.cells.constant = null;
                try headers.append(scratch, .{ .name = .of(one.name), .op = one.op, .cells = .constant(constant) });
            };
            var rest: ?*Cells = &one.cells;
            while (rest) |cells| : (rest = cells.again) {
                const written = try cells.finish();
                if (!written.some) continue;
                try headers.append(scratch, .{ .name = .of(one.name), .op = one.op, .cells = written.val });
            }
        }
        var answer: abi.Edits = .{
            .verdicts = .of(edits.verdicts),
            .headers = .of(headers.items),
            .key = try edits.keys.finish(),
            .value = try edits.values.finish(),
        };
        if (edits.sources) |sources| answer.expand = .{ .some = true, .val = .of(sources) };
        if (!edits.reasons.isEmpty()) answer.reasons = .{ .some = true, .val = try edits.reasons.whole() };
        if (edits.times.len > 0) {
            answer.timestamps = .{ .some = true, .val = .{ .values = .of(edits.times), .nulls = .of(edits.untimed) } };
        }
        if (edits.routes.len > 0) {
            answer.route = .{ .some = true, .val = .{ .topics = .of(edits.topics.items), .index = .of(edits.routes) } };
        }
        if (edits.partitions.len > 0) answer.partitions = .{ .some = true, .val = .of(edits.partitions) };
        return answer;
    }
};

fn noRow(row: usize, rows: usize) Error {
    return fail("an edit speaks of row {d} of {d}", .{ row, rows });
}

// ---------------------------------------------------------------------------------------------------- the host

/// How much a log line matters.
pub const Level = enum(i32) {
    /// Of use to the plugin's author only.
    debug,
    /// What an operator asked to know.
    info,
    /// Something went wrong and was made good.
    warn,
    /// Data is at risk or a person must act.
    err,
};

const host = struct {
    extern "weir:interceptor/host@0.1.0" fn log(level: i32, message: [*]const u8, len: usize) void;
    extern "weir:interceptor/host@0.1.0" fn count(name: [*]const u8, len: usize, by: u32) void;
};

/// Writes a line to weir's log: once a batch at most, never per record. It takes effect when the edits of the call are
/// accepted.
pub fn log(level: Level, comptime format: []const u8, args: anytype) void {
    const message = std.fmt.allocPrint(scratch, format, args) catch return;
    write(level, message);
}

fn write(level: Level, message: []const u8) void {
    if (is_wasm) {
        host.log(@backingInt(level), message.ptr, message.len);
    } else {
        std.debug.print("{s}: {s}\n", .{ @tagName(level), message });
    }
}

/// Adds to a metric of this interceptor; adding 0 says nothing. Sum up over the batch and call it once a name: at most
/// 64 names an interceptor. It takes effect when the edits of the call are accepted.
pub fn count(name: []const u8, by: u32) void {
    if (by == 0) return;
    if (is_wasm) host.count(name.ptr, name.len, by) else testing.counted(name, by);
}

/// The files that the interceptor's config names.
pub const lookup = struct {
    const imports = struct {
        extern "weir:interceptor/lookup@0.1.0" fn get(name: [*]const u8, len: usize, answer: *abi.Option(abi.Str)) void;
    };

    /// The bytes of the file of that name; null where weir has none. Only inside `init`, where they live until it
    /// returns: copy with `forever.dupe` what is to be kept.
    pub fn get(name: []const u8) ?[]const u8 {
        if (!is_wasm) return testing.fileOf(name);
        var answer: abi.Option(abi.Str) = .{};
        imports.get(name.ptr, name.len, &answer);
        return if (answer.some) answer.val.slice() else null;
    }
};

/// What is running, for the panic's message.
var running: []const u8 = "start";

/// Leaves the text of a panic in weir's log before the trap, so that it becomes part of the dead letter's message. The
/// plugin's root file says `pub const panic = weir.panic;`.
pub const panic = if (is_wasm) std.debug.FullPanic(panicked) else std.debug.FullPanic(std.debug.defaultPanic);

fn panicked(message: []const u8, _: ?usize) noreturn {
    @branchHint(.cold);
    // Memory may be what is missing.
    var buffer: [512]u8 = undefined;
    const text = std.fmt.bufPrint(&buffer, "panic in {s}: {s}", .{ running, message }) catch message;
    write(.err, text);
    @trap();
}

// -------------------------------------------------------------------------------------------------- the config

/// Reads a config into a type of the plugin, and adds every mistake with its place. Known: structs (a member without a
/// default must be there, an unknown one is a mistake), optionals, bools, integers, floats, enums, strings, slices, and
/// `std.json.Value` for anything. Returns null where there is a mistake.
pub fn readConfig(comptime T: type, text: []const u8, mistakes: *Mistakes) Error!?T {
    const json = std.json.parseFromSliceLeaky(std.json.Value, forever, text, .{}) catch |err| {
        if (err == error.OutOfMemory) return error.OutOfMemory;
        try mistakes.add("", "the config is not JSON: {s}", .{@errorName(err)});
        return null;
    };
    return readValue(T, json, "", mistakes);
}

fn readValue(comptime T: type, json: std.json.Value, pointer: []const u8, mistakes: *Mistakes) Error!?T {
    if (T == std.json.Value) return json;
    if (T == []const u8) {
        if (json == .string) return json.string;
    } else switch (@typeInfo(T)) {
        .bool => if (json == .bool) return json.bool,
        .int => if (json == .integer) {
            if (std.math.cast(T, json.integer)) |number| return number;
            try mistakes.add(pointer, "{d} is out of range", .{json.integer});
            return null;
        },
        .float => switch (json) {
            .float => |number| return @floatCast(number),
            .integer => |number| return @floatFromInt(number),
            else => {},
        },
        .optional => |optional| {
            if (json == .null) return @as(T, null);
            return @as(T, try readValue(optional.child, json, pointer, mistakes) orelse return null);
        },
        .@"enum" => if (json == .string) {
            if (std.meta.stringToEnum(T, json.string)) |choice| return choice;
            try mistakes.add(pointer, "`{s}` is not one of {s}", .{ json.string, comptime listOf(T) });
            return null;
        },
        .pointer => |list| if (json == .array) {
            const items = try forever.alloc(list.child, json.array.items.len);
            var is_right = true;
            for (json.array.items, items, 0..) |from, *to, at| {
                const place = try std.fmt.allocPrint(scratch, "{s}/{d}", .{ pointer, at });
                if (try readValue(list.child, from, place, mistakes)) |item| to.* = item else is_right = false;
            }
            return if (is_right) items else null;
        },
        .@"struct" => if (json == .object) return readStruct(T, json.object, pointer, mistakes),
        else => @compileError("a config cannot hold " ++ @typeName(T)),
    }
    try mistakes.add(pointer, "expected {s}, found {s}", .{ comptime wanted(T), found(json) });
    return null;
}

fn readStruct(comptime T: type, json: std.json.ObjectMap, pointer: []const u8, mistakes: *Mistakes) Error!?T {
    var value: T = undefined;
    var is_right = true;
    const info = @typeInfo(T).@"struct";
    inline for (info.field_names, info.field_types, info.field_attrs) |name, Type, attributes| {
        const place = try memberOf(pointer, name);
        if (json.get(name)) |member| {
            if (try readValue(Type, member, place, mistakes)) |read| {
                @field(value, name) = read;
            } else is_right = false;
        } else if (attributes.defaultValue(Type)) |default| {
            @field(value, name) = default;
        } else {
            try mistakes.add(place, "is missing", .{});
            is_right = false;
        }
    }
    for (json.keys()) |name| {
        const is_known = inline for (info.field_names) |known| {
            if (std.mem.eql(u8, known, name)) break true;
        } else false;
        if (is_known) continue;
        try mistakes.add(try memberOf(pointer, name), "unknown key, known: {s}", .{comptime listOf(T)});
        is_right = false;
    }
    return if (is_right) value else null;
}

/// Appends a name to a JSON pointer.
fn memberOf(pointer: []const u8, name: []const u8) Error![]const u8 {
    var longer: std.ArrayList(u8) = .empty;
    try longer.print(scratch, "{s}/", .{pointer});
    for (name) |byte| switch (byte) {
        '~' => try longer.appendSlice(scratch, "~0"),
        '/' => try longer.appendSlice(scratch, "~1"),
        else => try longer.append(scratch, byte),
    };
    return longer.items;
}

fn listOf(comptime T: type) []const u8 {
    var list: []const u8 = "";
    for (std.meta.fieldNames(T)) |name| list = list ++ (if (list.len == 0) "`" else ", `") ++ name ++ "`";
    return if (list.len == 0) "none" else list;
}

fn wanted(comptime T: type) []const u8 {
    return switch (@typeInfo(T)) {
        .bool => "a boolean",
        .int => "an integer",
        .float => "a number",
        .@"enum" => "a string",
        .pointer => |list| if (list.child == u8) "a string" else "an array",
        else => "an object",
    };
}

fn found(json: std.json.Value) []const u8 {
    return switch (json) {
        .null => "null",
        .bool => "a boolean",
        .integer => "an integer",
        .float, .number_string => "a number",
        .string => "a string",
        .array => "an array",
        .object => "an object",
    };
}

// -------------------------------------------------------------------------------------------------- the exports

/// Makes a type the plugin of this program, inside `comptime { … }`. The type has
///
///     pub const Config = struct { … };
///     pub const description: weir.Description = …;
///     pub fn init(config: Config, plan: *weir.Plan, mistakes: *weir.Mistakes) !Self
///     pub fn process(self: *Self, batch: weir.Batch, edits: *weir.Edits) !void
///
/// `init` is called once an instance, and whenever weir only wants to know whether a config is right. Nothing that matters
/// is kept between two batches: weir may throw an instance away at any time, and where a batch was cut must not matter.
pub fn exportPlugin(comptime P: type) void {
    if (!is_wasm) return;
    if (!@hasDecl(@import("root"), "panic")) {
        @compileError("write `pub const panic = weir.panic;` into the root file: weir then sees what a panic says");
    }
    const Exports = struct {
        var plugin: ?P = null;
        const description: abi.Description = .{
            .name = .of(P.description.name),
            .version = .of(P.description.version),
            .summary = .of(P.description.summary),
            .config_schema = .of(P.description.config_schema),
        };

        fn realloc(old: [*]u8, old_len: usize, alignment: usize, len: usize) callconv(.c) [*]u8 {
            // An empty list needs no memory, only a pointer that is aligned.
            if (len == 0) return @ptrFromInt(alignment);
            const new = scratch.rawAlloc(len, .fromByteUnits(alignment), @returnAddress()) orelse @panic("out of memory");
            if (old_len > 0) @memcpy(new[0..@min(old_len, len)], old[0..@min(old_len, len)]);
            return new;
        }

        fn describe() callconv(.c) *const abi.Description {
            return &description;
        }

        fn configure(text: [*]const u8, len: usize) callconv(.c) *const abi.Result(abi.Plan) {
            running = "configure";
            return answer(abi.Plan, made(text[0..len]));
        }

        fn made(text: []const u8) anyerror!abi.Plan {
            var plan: Plan = .{};
            plugin = try build(P, text, &plan);
            return plan.finish();
        }

        fn process(batch: *const abi.Batch) callconv(.c) *const abi.Result(abi.Edits) {
            running = "process";
            return answer(abi.Edits, edited(batch));
        }

        fn edited(batch: *const abi.Batch) anyerror!abi.Edits {
            const self = if (plugin) |*self| self else return fail("process was called before configure", .{});
            return edit(P, self, batch);
        }

        fn answer(comptime T: type, value: anyerror!T) *const abi.Result(T) {
            const result = scratch.create(abi.Result(T)) catch @panic("out of memory");
            result.* = if (value) |ok|
                .{ .tag = 0, .as = .{ .ok = ok } }
            else |err|
                .{ .tag = 1, .as = .{ .err = .of(messageOf(err)) } };
            return result;
        }

        fn freeAll(_: *const anyopaque) callconv(.c) void {
            _ = call_arena.reset(.retain_capacity);
        }
    };
    const interface = "weir:interceptor/plugin@0.1.0#";
    @export(&Exports.realloc, .{ .name = "cabi_realloc" });
    @export(&Exports.describe, .{ .name = interface ++ "describe" });
    @export(&Exports.configure, .{ .name = interface ++ "configure" });
    @export(&Exports.process, .{ .name = interface ++ "process" });
    @export(&Exports.freeAll, .{ .name = "cabi_post_" ++ interface ++ "configure" });
    @export(&Exports.freeAll, .{ .name = "cabi_post_" ++ interface ++ "process" });
}

/// An instance, or `error.Failed` with one mistake a line.
fn build(comptime P: type, text: []const u8, plan: *Plan) Error!P {
    var mistakes: Mistakes = .{};
    if (try readConfig(P.Config, text, &mistakes)) |config| {
        const made: anyerror!P = P.init(config, plan, &mistakes);
        if (made) |plugin| {
            if (!mistakes.any()) return plugin;
        } else |err| {
            if (!mistakes.any()) try mistakes.add("", "{s}", .{messageOf(err)});
        }
    }
    failure = mistakes.lines.items;
    return error.Failed;
}

fn edit(comptime P: type, plugin: *P, batch: *const abi.Batch) anyerror!abi.Edits {
    var edits: Edits = .forRows(batch.count);
    try plugin.process(.{ .raw = batch }, &edits);
    return edits.finish();
}

// ------------------------------------------------------------------------------------------------------ tests

/// Runs a plugin natively, without Wasm and without weir: `zig test`.
pub const testing = struct {
    var counts: std.StringArrayHashMapUnmanaged(u32) = .empty;
    var files: []const File = &.{};

    /// A file that `lookup.get` finds.
    pub const File = struct { name: []const u8, bytes: []const u8 };

    /// The cells of one column, row by row.
    pub const Column = union(enum) { bytes: []const ?[]const u8, ints: []const ?i64 };

    /// What became of a row.
    pub const Verdict = abi.Verdict;

    fn counted(name: []const u8, by: u32) void {
        const entry = counts.getOrPutValue(forever, name, 0) catch return;
        entry.value_ptr.* += by;
    }

    fn fileOf(name: []const u8) ?[]const u8 {
        for (files) |file| if (std.mem.eql(u8, file.name, name)) return file.bytes;
        return null;
    }

    /// What was counted under a name since the tests began.
    pub fn count(name: []const u8) u32 {
        return counts.get(name) orelse 0;
    }

    /// What the last `error.Failed` said: of a config one mistake a line.
    pub fn message() []const u8 {
        return failure;
    }

    /// A plugin under test.
    pub fn Bench(comptime P: type) type {
        return struct {
            plugin: P,

            /// Makes an instance from its config, JSON text.
            pub fn init(config: []const u8) Error!@This() {
                return initWithFiles(config, &.{});
            }

            /// The same with files to look up.
            pub fn initWithFiles(config: []const u8, given: []const File) Error!@This() {
                files = given;
                var plan: Plan = .{};
                return .{ .plugin = try build(P, config, &plan) };
            }

            /// Passes rows through as one batch: a column for each input of the plan.
            pub fn run(bench: *@This(), columns: []const Column) !Outcome {
                return bench.runWithHeaders(columns, &.{});
            }

            /// The same for a plan with `all_headers`: the headers of each row.
            pub fn runWithHeaders(bench: *@This(), columns: []const Column, headers: []const []const Header) !Outcome {
                const batch = try batchOf(columns, headers);
                return .{ .edits = try edit(P, &bench.plugin, batch) };
            }
        };
    }

    /// What a plugin answered.
    pub const Outcome = struct {
        edits: abi.Edits,

        /// What becomes of a row.
        pub fn verdict(outcome: Outcome, row: usize) Verdict {
            const verdicts = outcome.edits.verdicts.slice();
            return if (verdicts.len == 0) .keep else @fromBackingInt(@intCast(verdicts[row]));
        }

        /// Why a row is a dead letter.
        pub fn reason(outcome: Outcome, row: usize) ?[]const u8 {
            return if (outcome.edits.reasons.some) Bytes.of(&outcome.edits.reasons.val).get(row) else null;
        }

        /// Where a row is routed to; null where it is not.
        pub fn topic(outcome: Outcome, row: usize) ?[]const u8 {
            if (!outcome.edits.route.some) return null;
            const at = outcome.edits.route.val.index.slice()[row];
            return if (at < 0) null else outcome.edits.route.val.topics.slice()[@intCast(at)].slice();
        }

        /// What the edits write to the headers of a name: for each edit the cell of the row, null where it writes null
        /// or leaves the row alone.
        pub fn header(outcome: Outcome, row: usize, name: []const u8) ?[]const u8 {
            var last: ?[]const u8 = null;
            for (outcome.edits.headers.slice()) |one| {
                if (std.mem.eql(u8, one.name.slice(), name)) last = cell(one.cells, row) orelse last;
            }
            return last;
        }

        /// What is written as the key of a row.
        pub fn key(outcome: Outcome, row: usize) ?[]const u8 {
            return if (outcome.edits.key.some) cell(outcome.edits.key.val, row) else null;
        }

        /// What is written as the value of a row.
        pub fn value(outcome: Outcome, row: usize) ?[]const u8 {
            return if (outcome.edits.value.some) cell(outcome.edits.value.val, row) else null;
        }

        fn cell(cells: abi.Cells, row: usize) ?[]const u8 {
            switch (cells.tag) {
                0 => return if (cells.as.constant.some) cells.as.constant.val.slice() else null,
                1 => return Bytes.of(&cells.as.each).get(row),
                else => {
                    const at = std.mem.indexOfScalar(u32, cells.as.sparse.rows.slice(), @intCast(row)) orelse return null;
                    return Bytes.of(&cells.as.sparse.cells).get(at);
                },
            }
        }
    };

    fn batchOf(columns: []const Column, headers: []const []const Header) !*const abi.Batch {
        var rows: usize = headers.len;
        const all = try scratch.alloc(abi.Column, columns.len);
        for (columns, all) |from, *to| switch (from) {
            .bytes => |cells| {
                rows = cells.len;
                to.* = .{ .tag = 0, .as = .{ .bytes = try bytesOf(cells) } };
            },
            .ints => |cells| {
                rows = cells.len;
                const values = try scratch.alloc(i64, cells.len);
                const nulls = try scratch.alloc(u8, cells.len);
                for (cells, values, nulls) |cell, *int, *mark| {
                    int.* = cell orelse 0;
                    mark.* = @intFromBool(cell == null);
                }
                to.* = .{ .tag = 1, .as = .{ .ints = .{ .values = .of(values), .nulls = .of(nulls) } } };
            },
        };
        const batch = try scratch.create(abi.Batch);
        batch.* = .{ .topic = .of("topic"), .partition = 0, .count = @intCast(rows), .columns = .of(all), .headers = .{} };
        if (headers.len > 0) batch.headers = .{ .some = true, .val = try tableOf(headers) };
        return batch;
    }

    fn bytesOf(cells: []const ?[]const u8) !abi.Bytes {
        const offsets = try scratch.alloc(u32, cells.len + 1);
        const nulls = try scratch.alloc(u8, cells.len);
        var data: std.ArrayList(u8) = .empty;
        offsets[0] = 0;
        for (cells, nulls, offsets[1..]) |cell, *mark, *offset| {
            try data.appendSlice(scratch, cell orelse "");
            mark.* = @intFromBool(cell == null);
            offset.* = @intCast(data.items.len);
        }
        return .{ .offsets = .of(offsets), .data = .of(data.items), .nulls = .of(nulls) };
    }

    fn tableOf(headers: []const []const Header) !abi.HeaderTable {
        const starts = try scratch.alloc(u32, headers.len + 1);
        var names: std.ArrayList(abi.Str) = .empty;
        var index: std.ArrayList(u32) = .empty;
        var cells: std.ArrayList(?[]const u8) = .empty;
        starts[0] = 0;
        for (headers, starts[1..]) |row, *start| {
            for (row) |header| {
                const at = for (names.items, 0..) |known, at| {
                    if (std.mem.eql(u8, known.slice(), header.name)) break at;
                } else names.items.len;
                if (at == names.items.len) try names.append(scratch, .of(header.name));
                try index.append(scratch, @intCast(at));
                try cells.append(scratch, header.value);
            }
            start.* = @intCast(index.items.len);
        }
        return .{
            .starts = .of(starts),
            .names = .of(names.items),
            .name_index = .of(index.items),
            .cells = try bytesOf(cells.items),
        };
    }
};

// -------------------------------------------------------------------------------------------------- the layout

/// The interface's types as they lie in memory. On wasm32 these structs are the canonical ABI.
pub const abi = struct {
    pub fn List(comptime T: type) type {
        return extern struct {
            // weir checks that a pointer lies within memory and is aligned even where the list is empty.
            ptr: [*]const T = @ptrFromInt(@alignOf(T)),
            len: u32 = 0,

            pub fn of(all: []const T) @This() {
                // The pointer of an empty slice may be anything.
                return if (all.len == 0) .{} else .{ .ptr = all.ptr, .len = @intCast(all.len) };
            }

            pub fn copy(all: []const T) Error!@This() {
                return .of(try scratch.dupe(T, all));
            }

            pub fn slice(list: @This()) []const T {
                return list.ptr[0..list.len];
            }
        };
    }

    pub fn Option(comptime T: type) type {
        return extern struct { some: bool = false, val: T = .{} };
    }

    pub fn Result(comptime T: type) type {
        return extern struct { tag: u8, as: extern union { ok: T, err: Str } };
    }

    pub const Str = List(u8);
    pub const Description = extern struct { name: Str, version: Str, summary: Str, config_schema: Str };
    pub const Bytes = extern struct { offsets: List(u32) = .{}, data: List(u8) = .{}, nulls: List(u8) = .{} };
    pub const Ints = extern struct { values: List(i64) = .{}, nulls: List(u8) = .{} };
    pub const Column = extern struct { tag: u8, as: extern union { bytes: abi.Bytes, ints: abi.Ints } };

    pub const Source = extern struct {
        tag: u8,
        header: Str = .{},

        fn of(source: @FieldType(Member, "source")) Error!abi.Source {
            return switch (source) {
                .key => .{ .tag = 0 },
                .value => .{ .tag = 1 },
                .header => |name| .{ .tag = 2, .header = try .copy(name) },
            };
        }
    };

    pub const Input = extern struct {
        tag: u8,
        as: extern union {
            header: Str,
            member: extern struct { source: abi.Source, pointer: Str },
            capture: extern struct { source: abi.Source, pattern: Str, group: u32 },
        } = .{ .header = .{} },

        fn of(input: PlanInput) Error!abi.Input {
            return .{
                .tag = @backingInt(input),
                .as = switch (input) {
                    .header => |name| .{ .header = try .copy(name) },
                    .json, .json_int => |member| .{
                        .member = .{ .source = try .of(member.source), .pointer = try .copy(member.pointer) },
                    },
                    .capture => |capture| .{ .capture = .{
                        .source = try .of(capture.source),
                        .pattern = try .copy(capture.pattern),
                        .group = capture.group,
                    } },
                    else => .{ .header = .{} },
                },
            };
        }
    };

    pub const Plan = extern struct {
        inputs: List(abi.Input) = .{},
        all_headers: bool = false,
        effects: Effects = .{},
        header_names: List(Str) = .{},
        topics: List(Str) = .{},
    };

    pub const HeaderTable = extern struct {
        starts: List(u32) = .{},
        names: List(Str) = .{},
        name_index: List(u32) = .{},
        cells: abi.Bytes = .{},
    };

    pub const Batch = extern struct {
        topic: Str,
        partition: i32,
        count: u32,
        columns: List(Column),
        headers: Option(HeaderTable),
    };

    pub const Sparse = extern struct { rows: List(u32), cells: abi.Bytes };

    pub const Cells = extern struct {
        tag: u8 = 0,
        as: extern union { constant: Option(Str), each: abi.Bytes, sparse: Sparse } = .{ .constant = .{} },

        fn constant(bytes: ?[]const u8) abi.Cells {
            const option: Option(Str) = if (bytes) |some| .{ .some = true, .val = .of(some) } else .{};
            return .{ .tag = 0, .as = .{ .constant = option } };
        }

        fn each(column: abi.Bytes) abi.Cells {
            return .{ .tag = 1, .as = .{ .each = column } };
        }

        fn sparse(some: Sparse) abi.Cells {
            return .{ .tag = 2, .as = .{ .sparse = some } };
        }
    };

    pub const Verdict = enum(u8) { keep, drop, dead_letter };
    pub const HeaderOp = enum(u8) { set, append, remove };
    pub const HeaderEdit = extern struct { name: Str, op: HeaderOp, cells: abi.Cells };
    pub const Routing = extern struct { topics: List(Str) = .{}, index: List(i32) = .{} };

    pub const Edits = extern struct {
        expand: Option(List(u32)) = .{},
        verdicts: List(u8) = .{},
        reasons: Option(abi.Bytes) = .{},
        headers: List(HeaderEdit) = .{},
        key: Option(abi.Cells) = .{},
        value: Option(abi.Cells) = .{},
        timestamps: Option(abi.Ints) = .{},
        route: Option(Routing) = .{},
        partitions: Option(List(i32)) = .{},
    };

    comptime {
        if (is_wasm) {
            for (.{ abi.Input, abi.Plan, abi.Batch, abi.Cells, HeaderEdit, abi.Edits }, .{ 28, 28, 76, 36, 48, 188 }) |T, size| {
                if (@sizeOf(T) != size) @compileError(@typeName(T) ++ " is not laid out as the interface says");
            }
        }
    }
};

const PlanInput = Input;
