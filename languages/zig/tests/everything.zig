//! A plugin that uses every part of weir.zig; `cases` say what has to come out.

const std = @import("std");
const weir = @import("weir");

pub const panic = weir.panic;

comptime {
    weir.exportPlugin(Everything);
}

const Everything = struct {
    config: Config,
    file: []const u8,

    pub const Config = struct {
        mode: enum { inputs, headers, cells, expand, faults, config },
        numbers: []const i64 = &.{},
        inner: struct { share: f64 = 0.5, small: u8 = 1, on: ?bool = null } = .{},
    };

    pub const description: weir.Description = .{
        .name = "everything",
        .version = "0.1.0",
        .summary = "Uses every part of the interface.",
        .config_schema = "{}",
    };

    pub fn init(config: Config, plan: *weir.Plan, mistakes: *weir.Mistakes) !Everything {
        for (config.numbers, 0..) |number, at| {
            const place = try std.fmt.allocPrint(weir.scratch, "/numbers/{d}", .{at});
            if (number < 0) try mistakes.add(place, "{d} is below 0", .{number});
        }
        try plan.inputs(&.{
            .key,
            .value,
            .{ .header = "h" },
            .timestamp,
            .timestamp_type,
            .offset,
            .{ .json = .{ .pointer = "/a" } },
            .{ .json_int = .{ .pointer = "/n" } },
            .{ .capture = .{ .pattern = "\"a\":\"(x+)(y+)?", .group = 2 } },
            .{ .json = .{ .pointer = "", .source = .key } },
            .{ .capture = .{ .pattern = "^.", .source = .{ .header = "h" } } },
        });
        plan.all_headers = true;
        plan.effects = .{
            .key = true,
            .value = true,
            .timestamp = true,
            .partition = true,
            .drop = true,
            .dead_letter = true,
            .expand = true,
        };
        try plan.headerNames(&.{"*"});
        try plan.topics(&.{"to-*"});
        const file = weir.lookup.get("table") orelse "no table";
        if (weir.lookup.get("missing") != null) return weir.fail("a file that is not there", .{});
        return .{ .config = config, .file = try weir.forever.dupe(u8, file) };
    }

    pub fn process(self: *Everything, batch: weir.Batch, edits: *weir.Edits) !void {
        weir.count("rows", @intCast(batch.len()));
        weir.count("nothing", 0);
        weir.log(.debug, "{d} rows of {s}", .{ batch.len(), batch.topic() });
        switch (self.config.mode) {
            .inputs => try self.inputs(batch, edits),
            .headers => try headers(batch, edits),
            .cells => try cells(batch, edits),
            .expand => try expand(batch, edits),
            .faults => try faults(batch),
            .config => {},
        }
    }

    fn inputs(self: *Everything, batch: weir.Batch, edits: *weir.Edits) !void {
        const seen = try edits.setHeader("seen");
        try (try edits.setHeader("table")).all(self.file);
        for (0..batch.len()) |row| {
            var text: std.ArrayList(u8) = .empty;
            try text.print(weir.scratch, "{s} {d}", .{ batch.topic(), batch.partition() });
            for (0..11) |at| switch (at) {
                3, 4, 5, 7 => if ((try batch.ints(at)).get(row)) |number| {
                    try text.print(weir.scratch, "|{d}", .{number});
                } else try text.appendSlice(weir.scratch, "|-"),
                else => try text.print(weir.scratch, "|{s}", .{(try batch.bytes(at)).get(row) orelse "-"}),
            };
            try seen.row(row, text.items);
        }
    }

    fn headers(batch: weir.Batch, edits: *weir.Edits) !void {
        const table = batch.headers().?;
        const copies = try edits.appendHeader("copy");
        try (try edits.appendHeader("all")).all("yes");
        const gone = try edits.removeHeader("gone");
        const lasts = try edits.setHeader("last");
        (try edits.removeHeader("never")).all();
        for (0..batch.len()) |row| {
            var it = table.row(row);
            while (it.next()) |header| try copies.rowPrint(row, "{s}={s}", .{ header.name, header.value orelse "-" });
            if (table.last(row, "h")) |header| {
                if (header.value) |value| try lasts.row(row, value) else try lasts.rowNull(row);
            }
            if (batch.raw.count > 0 and table.last(row, "keep") == null) try gone.row(row);
        }
    }

    fn cells(batch: weir.Batch, edits: *weir.Edits) !void {
        const offsets = try batch.ints(5);
        const sparse = try edits.setHeader("sparse");
        const mixed = try edits.setHeader("mixed");
        try mixed.all("all");
        const parts = try edits.setHeader("parts");
        edits.key().allNull();
        var row = batch.len();
        while (row > 0) {
            row -= 1;
            const offset = offsets.get(row).?;
            if (@mod(offset, 8) == 3) try sparse.row(row, "3");
            if (@mod(offset, 8) == 5) try sparse.rowNull(row);
            if (@mod(offset, 2) == 1) try mixed.rowPrint(row, "odd {d}", .{offset});
            if (@mod(offset, 4) == 2) try mixed.rowNull(row);
            try parts.row(row, "forgotten");
            try parts.rowParts(row, &.{ "a", "", "b" });
            try edits.key().rowOf(row, try batch.bytes(2));
            if (offset == 1) try edits.value().rowNull(row);
            if (offset == 2) try edits.value().row(row, "");
        }
    }

    fn expand(batch: weir.Batch, edits: *weir.Edits) !void {
        const offsets = try batch.ints(5);
        var sources: std.ArrayList(u32) = .empty;
        for (0..batch.len()) |row| {
            for (0..@intCast(@mod(offsets.get(row).?, 3))) |_| try sources.append(weir.scratch, @intCast(row));
        }
        try edits.expand(sources.items);
        const to = try edits.topic("to-a");
        for (sources.items, 0..) |source, row| {
            const offset = offsets.get(source).?;
            if (offset == 1) try edits.route(row, to);
            if (offset == 2) try edits.routeTo(row, "to-b");
            if (offset == 4) try edits.timestamp(row, 1234);
            if (offset == 5) try edits.partition(row, 2);
            if (offset == 7) try edits.drop(row);
            if (offset == 8) try edits.deadLetter(row, "eight");
        }
    }

    fn faults(batch: weir.Batch) !void {
        const values = try batch.bytes(1);
        for (0..batch.len()) |row| {
            if (values.eql(row, "error")) return weir.fail("no such value: {s}", .{values.get(row).?});
            if (values.eql(row, "wrong column")) _ = try batch.ints(1);
            if (values.eql(row, "panic")) @panic("told so");
            if (values.eql(row, "bounds")) std.mem.doNotOptimizeAway(values.get(batch.len() + 7));
        }
    }
};
