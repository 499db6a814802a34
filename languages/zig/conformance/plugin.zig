//! The reference plugin of the conformance kit: does what the script in its config says. The commands are those of
//! conformance/README.md.

const std = @import("std");
const weir = @import("weir.zig");

pub const panic = weir.panic;

comptime {
    weir.exportPlugin(Reference);
}

const Reference = struct {
    /// What is left of the script after configuring.
    commands: std.ArrayList([]const u8) = .empty,
    /// Which columns are of integers.
    ints: std.ArrayList(bool) = .empty,
    files: std.StringHashMapUnmanaged(?[]const u8) = .empty,

    pub const Config = struct { script: []const []const u8 };

    pub const description: weir.Description = .{
        .name = "reference",
        .version = "0.1.0",
        .summary = "Does what its script says.",
        .config_schema =
        \\{
        \\  "$schema": "https://json-schema.org/draft/2020-12/schema",
        \\  "type": "object",
        \\  "properties": { "script": { "type": "array", "items": { "type": "string" } } },
        \\  "required": ["script"],
        \\  "additionalProperties": false
        \\}
        ,
    };

    const Setting = enum { input, @"all-headers", effects, @"header-name", topic, file, mistake };

    pub fn init(config: Config, plan: *weir.Plan, mistakes: *weir.Mistakes) !Reference {
        var self: Reference = .{};
        for (config.script, 0..) |line, at| {
            const command, const rest = split(line);
            switch (std.meta.stringToEnum(Setting, command) orelse {
                try self.commands.append(weir.forever, line);
                continue;
            }) {
                .input => {
                    const input = try inputOf(rest);
                    try plan.inputs(&.{input});
                    try self.ints.append(weir.forever, switch (input) {
                        .timestamp, .timestamp_type, .received, .offset, .json_int => true,
                        else => false,
                    });
                },
                .@"all-headers" => plan.all_headers = true,
                .effects => {
                    var names = std.mem.splitScalar(u8, rest, ' ');
                    while (names.next()) |name| try allow(&plan.effects, name);
                },
                .@"header-name" => try plan.headerNames(&.{rest}),
                .topic => try plan.topics(&.{rest}),
                .file => {
                    const found = weir.lookup.get(rest);
                    try self.files.put(weir.forever, rest, if (found) |bytes| try weir.forever.dupe(u8, bytes) else null);
                },
                .mistake => {
                    const place = try std.fmt.allocPrint(weir.scratch, "/script/{d}", .{at});
                    try mistakes.add(place, "{s}", .{rest});
                },
            }
        }
        return self;
    }

    // zig fmt: off
    const Command = enum {
        log, count, fail, panic, expand, drop, @"dead-letter", set, append, remove, key, value, timestamp, partition, route,
    };
    // zig fmt: on

    pub fn process(self: *Reference, batch: weir.Batch, edits: *weir.Edits) !void {
        var rows: Rows = .{ .plugin = self, .batch = batch };
        for (0..batch.len()) |row| try rows.sources.append(weir.scratch, @intCast(row));
        for (self.commands.items) |line| {
            const command, const rest = split(line);
            const first, const last = split(rest);
            switch (std.meta.stringToEnum(Command, command) orelse return weir.fail("no such command: {s}", .{line})) {
                .log => weir.log(std.meta.stringToEnum(weir.Level, first) orelse .err, "{s}", .{last}),
                .count => weir.count(first, try number(last)),
                .fail => if ((try rows.matching(first)).len > 0) return weir.fail("{s}", .{last}),
                .panic => if ((try rows.matching(first)).len > 0) @panic(last),
                .expand => try rows.expand(try batch.ints(try number(first)), edits),
                .drop => for (try rows.matching(first)) |row| try edits.drop(row),
                .@"dead-letter" => for (try rows.matching(first)) |row| try edits.deadLetter(row, last),
                .set => try rows.write(try edits.setHeader(first), last),
                .append => try rows.write(try edits.appendHeader(first), last),
                .remove => {
                    const removal = try edits.removeHeader(first);
                    const form, const where = split(last);
                    if (std.mem.eql(u8, form, "all")) removal.all();
                    if (std.mem.eql(u8, form, "row")) for (try rows.matching(where)) |row| try removal.row(row);
                },
                .key => try rows.write(edits.key(), rest),
                .value => try rows.write(edits.value(), rest),
                .timestamp => {
                    const ms = try std.fmt.parseInt(i64, last, 10);
                    for (try rows.matching(first)) |row| try edits.timestamp(row, ms);
                },
                .partition => {
                    const partition = try std.fmt.parseInt(u31, last, 10);
                    for (try rows.matching(first)) |row| try edits.partition(row, partition);
                },
                .route => {
                    const topic = try edits.topic(last);
                    for (try rows.matching(first)) |row| try edits.route(row, topic);
                },
            }
        }
    }
};

/// The rows that edits speak of.
const Rows = struct {
    plugin: *const Reference,
    batch: weir.Batch,
    /// For each, the row of the batch that it was made of.
    sources: std.ArrayList(u32) = .empty,

    /// Makes of each row as many as a column says.
    fn expand(rows: *Rows, counts: weir.Ints, edits: *weir.Edits) !void {
        rows.sources = .empty;
        for (0..counts.len()) |row| {
            try rows.sources.appendNTimes(weir.scratch, @intCast(row), @intCast(counts.get(row) orelse 0));
        }
        try edits.expand(rows.sources.items);
    }

    /// The rows of which a WHERE holds.
    fn matching(rows: *const Rows, where: []const u8) ![]const usize {
        var found: std.ArrayList(usize) = .empty;
        for (rows.sources.items, 0..) |source, row| {
            if (try rows.holds(where, source)) try found.append(weir.scratch, row);
        }
        return found.items;
    }

    fn holds(rows: *const Rows, where: []const u8, source: usize) !bool {
        if (std.mem.eql(u8, where, "*")) return true;
        if (std.mem.cutScalar(u8, where, '=')) |pair| {
            const bytes = try rows.cell(try number(pair[0]), source) orelse return false;
            return std.mem.eql(u8, bytes, pair[1]);
        }
        if (std.mem.cutSuffix(u8, where, "!")) |column| return try rows.cell(try number(column), source) == null;
        if (std.mem.cutSuffix(u8, where, "?")) |column| return try rows.cell(try number(column), source) != null;
        return weir.fail("no such WHERE: {s}", .{where});
    }

    const Form = enum { all, @"all-null", row, column };

    /// Writes CELLS.
    fn write(rows: *const Rows, cells: *weir.Cells, spec: []const u8) !void {
        const form, const rest = split(spec);
        switch (std.meta.stringToEnum(Form, form) orelse return weir.fail("no such CELLS: {s}", .{spec})) {
            .all => try cells.all(rest),
            .@"all-null" => cells.allNull(),
            .column => try cells.column(try rows.batch.bytes(try number(rest))),
            .row => {
                const where, const what = split(rest);
                for (try rows.matching(where)) |row| {
                    const bytes = try rows.valueOf(what, rows.sources.items[row]);
                    if (bytes) |some| try cells.row(row, some) else try cells.rowNull(row);
                }
            },
        }
    }

    const Kind = enum { text, null, column, file, last, headers, seen };

    /// A VALUE of a row of the batch.
    fn valueOf(rows: *const Rows, spec: []const u8, source: usize) !?[]const u8 {
        const kind, const rest = split(spec);
        switch (std.meta.stringToEnum(Kind, kind) orelse return weir.fail("no such VALUE: {s}", .{spec})) {
            .text => return rest,
            .null => return null,
            .column => return rows.cell(try number(rest), source),
            .file => return rows.plugin.files.get(rest).?,
            .last => return if (rows.batch.headers().?.last(source, rest)) |header| header.value else null,
            .headers => {
                var texts: std.ArrayList([]const u8) = .empty;
                var headers = rows.batch.headers().?.row(source);
                while (headers.next()) |header| {
                    try texts.append(weir.scratch, if (header.value) |bytes|
                        try std.mem.concat(weir.scratch, u8, &.{ header.name, "=", bytes })
                    else
                        header.name);
                }
                return try std.mem.join(weir.scratch, ",", texts.items);
            },
            .seen => {
                var text: std.ArrayList(u8) = .empty;
                try text.print(weir.scratch, "{s} {d}", .{ rows.batch.topic(), rows.batch.partition() });
                for (0..rows.plugin.ints.items.len) |at| {
                    try text.print(weir.scratch, "|{s}", .{try rows.cell(at, source) orelse "-"});
                }
                return text.items;
            },
        }
    }

    fn cell(rows: *const Rows, at: usize, source: usize) !?[]const u8 {
        if (!rows.plugin.ints.items[at]) return (try rows.batch.bytes(at)).get(source);
        const int = (try rows.batch.ints(at)).get(source) orelse return null;
        return try std.fmt.allocPrint(weir.scratch, "{d}", .{int});
    }
};

/// A line's first word and the rest.
fn split(line: []const u8) struct { []const u8, []const u8 } {
    return std.mem.cutScalar(u8, line, ' ') orelse .{ line, "" };
}

fn number(text: []const u8) !u32 {
    return std.fmt.parseInt(u32, text, 10);
}

const InputKind = enum { key, value, header, timestamp, @"timestamp-type", received, offset, json, @"json-int", capture };

fn inputOf(spec: []const u8) !weir.Input {
    const kind, const rest = split(spec);
    const place, const last = split(rest);
    const source: weir.Source = if (std.mem.cutPrefix(u8, place, "header:")) |name|
        .{ .header = name }
    else if (std.mem.eql(u8, place, "key")) .key else .value;
    switch (std.meta.stringToEnum(InputKind, kind) orelse return weir.fail("no such input: {s}", .{spec})) {
        .key => return .key,
        .value => return .value,
        .header => return .{ .header = rest },
        .timestamp => return .timestamp,
        .@"timestamp-type" => return .timestamp_type,
        .received => return .received,
        .offset => return .offset,
        .json => return .{ .json = .{ .pointer = last, .source = source } },
        .@"json-int" => return .{ .json_int = .{ .pointer = last, .source = source } },
        .capture => {
            const group, const pattern = split(last);
            return .{ .capture = .{ .pattern = pattern, .group = try number(group), .source = source } };
        },
    }
}

const Effect = enum { key, value, timestamp, headers, route, partition, drop, @"dead-letter", expand };

fn allow(effects: *weir.Effects, name: []const u8) !void {
    switch (std.meta.stringToEnum(Effect, name) orelse return weir.fail("no such effect: {s}", .{name})) {
        .@"dead-letter" => effects.dead_letter = true,
        inline else => |effect| @field(effects, @tagName(effect)) = true,
    }
}
