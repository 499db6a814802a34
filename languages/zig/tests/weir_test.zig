//! Tests of weir.zig, native: what the conformance kit does not test.

const std = @import("std");
const weir = @import("weir");

const expect = std.testing.expect;
const expectError = std.testing.expectError;
const expectEqual = std.testing.expectEqual;
const expectEqualStrings = std.testing.expectEqualStrings;

// ---- The config ----

const Config = struct {
    mode: enum { fast, @"in-order" },
    numbers: []const i64 = &.{},
    any: std.json.Value = .null,
    inner: struct { share: f64 = 0.5, small: u8 = 1, on: ?bool = null } = .{},
};

fn read(text: []const u8, mistakes: *weir.Mistakes) !?Config {
    mistakes.* = .{};
    return weir.readConfig(Config, text, mistakes);
}

test "a config of every type is read" {
    var mistakes: weir.Mistakes = .{};
    const config = (try read(
        \\{"mode": "in-order", "numbers": [-9223372036854775808], "any": [1], "inner": {"share": 1, "small": 255, "on": false}}
    , &mistakes)).?;
    try expectEqual(.@"in-order", config.mode);
    try expectEqual(std.math.minInt(i64), config.numbers[0]);
    try expectEqual(1, config.any.array.items[0].integer);
    try expectEqual(1.0, config.inner.share);
    try expectEqual(255, config.inner.small);
    try expectEqual(false, config.inner.on);
}

test "what a config leaves out is as the type says" {
    var mistakes: weir.Mistakes = .{};
    const config = (try read("{\"mode\": \"fast\", \"inner\": {\"on\": null}}", &mistakes)).?;
    try expectEqual(0, config.numbers.len);
    try expectEqual(0.5, config.inner.share);
    try expectEqual(null, config.inner.on);
}

test "every mistake of a config is told with its place" {
    var mistakes: weir.Mistakes = .{};
    try expect(try read(
        \\{"mode": "slow", "numbers": [1, "2", 3.5], "inner": {"share": true, "small": 256, "of": 1, "a/b~": 1}}
    , &mistakes) == null);
    try expectEqualStrings(
        \\/mode: `slow` is not one of `fast`, `in-order`
        \\/numbers/1: expected an integer, found a string
        \\/numbers/2: expected an integer, found a number
        \\/inner/share: expected a number, found a boolean
        \\/inner/small: 256 is out of range
        \\/inner/of: unknown key, known: `share`, `small`, `on`
        \\/inner/a~1b~0: unknown key, known: `share`, `small`, `on`
        \\
    , mistakes.lines.items);
    try expect(try read("{}", &mistakes) == null);
    try expectEqualStrings("/mode: is missing\n", mistakes.lines.items);
    try expect(try read("[]", &mistakes) == null);
    try expectEqualStrings(": expected an object, found an array\n", mistakes.lines.items);
    try expect(try read("{", &mistakes) == null);
    try expectEqualStrings(": the config is not JSON: UnexpectedEndOfInput\n", mistakes.lines.items);
}

// ---- The edits ----

const Edit = fn (batch: weir.Batch, edits: *weir.Edits) anyerror!void;

/// Runs a function as a plugin, with two rows of a column of bytes.
fn run(comptime edit: Edit) !weir.testing.Outcome {
    const Plugin = struct {
        pub const Config = struct {};

        pub fn init(_: @This().Config, _: *weir.Plan, _: *weir.Mistakes) !@This() {
            return .{};
        }

        pub fn process(_: *@This(), batch: weir.Batch, edits: *weir.Edits) !void {
            try edit(batch, edits);
        }
    };
    var bench: weir.testing.Bench(Plugin) = try .init("{}");
    return bench.run(&.{.{ .bytes = &.{ "a", null } }});
}

const does = struct {
    fn rows(batch: weir.Batch, edits: *weir.Edits) !void {
        const header = try edits.setHeader("x");
        try header.rowPrint(1, "{d} of {d}", .{ 1, 2 });
        try header.rowParts(0, &.{ "a", "", "b" });
        try edits.key().rowOf(0, try batch.bytes(0));
        try edits.key().rowOf(1, try batch.bytes(0));
        try edits.routeTo(1, "there");
    }

    fn appendTwice(_: weir.Batch, edits: *weir.Edits) !void {
        const header = try edits.appendHeader("x");
        try header.row(0, "first");
        try header.row(0, "second");
    }

    fn wrongColumn(batch: weir.Batch, _: *weir.Edits) !void {
        _ = try batch.ints(0);
    }

    fn noColumn(batch: weir.Batch, _: *weir.Edits) !void {
        _ = try batch.bytes(1);
    }

    fn noRow(batch: weir.Batch, edits: *weir.Edits) !void {
        try edits.value().row(batch.len(), "x");
    }

    fn expandLate(_: weir.Batch, edits: *weir.Edits) !void {
        try edits.drop(0);
        try edits.expand(&.{0});
    }

    fn expandBack(_: weir.Batch, edits: *weir.Edits) !void {
        try edits.expand(&.{ 1, 0 });
    }
};

test "rows are written in any order and form" {
    const outcome = try run(does.rows);
    try expectEqualStrings("ab", outcome.header(0, "x").?);
    try expectEqualStrings("1 of 2", outcome.header(1, "x").?);
    try expectEqualStrings("a", outcome.key(0).?);
    try expectEqual(null, outcome.key(1));
    try expectEqualStrings("there", outcome.topic(1).?);
}

test "a row that is appended to twice gets two headers" {
    const headers = (try run(does.appendTwice)).edits.headers.slice();
    try expectEqual(2, headers.len);
    for (headers, [_][]const u8{ "first", "second" }) |header, text| {
        try expectEqualStrings(text, header.cells.as.each.data.slice());
    }
}

fn expectRefused(comptime edit: Edit, message: []const u8) !void {
    try expectError(error.Failed, run(edit));
    try expectEqualStrings(message, weir.testing.message());
}

test "what a plugin may not do fails the batch and says why" {
    try expectRefused(does.wrongColumn, "column 0 holds bytes, not integers");
    try expectRefused(does.noColumn, "the plan has no column 1");
    try expectRefused(does.noRow, "an edit speaks of row 2 of 2");
    try expectRefused(does.expandLate, "expand comes after other edits: call it first, and once");
    try expectRefused(does.expandBack, "expand names rows out of order");
}
