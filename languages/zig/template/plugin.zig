//! Routes records by their type: drops those of one type, and sets aside those without a user.

const std = @import("std");
const weir = @import("weir.zig");

pub const panic = weir.panic;

comptime {
    weir.exportPlugin(MyPlugin);
}

const MyPlugin = struct {
    config: Config,

    /// What an operator writes.
    pub const Config = struct {
        /// Records of this type are dropped.
        drop: []const u8 = "debug",
    };

    pub const description: weir.Description = .{
        .name = "my-plugin",
        .version = "0.1.0",
        .summary = "Routes records by their type.",
        .config_schema =
        \\{
        \\  "$schema": "https://json-schema.org/draft/2020-12/schema",
        \\  "type": "object",
        \\  "properties": {
        \\    "drop": { "type": "string", "default": "debug", "description": "Records of this type are dropped." }
        \\  },
        \\  "additionalProperties": false
        \\}
        ,
    };

    pub fn init(config: Config, plan: *weir.Plan, _: *weir.Mistakes) !MyPlugin {
        try plan.inputs(&.{ .{ .header = "type" }, .{ .json = .{ .pointer = "/userId" } } });
        plan.effects = .{ .drop = true, .dead_letter = true };
        try plan.headerNames(&.{"seen-by"});
        try plan.topics(&.{ "clicks", "views" });
        return .{ .config = config };
    }

    pub fn process(self: *MyPlugin, batch: weir.Batch, edits: *weir.Edits) !void {
        const types = try batch.bytes(0);
        const users = try batch.bytes(1);
        const seen_by = try edits.setHeader("seen-by");
        const clicks = try edits.topic("clicks");
        const views = try edits.topic("views");
        for (0..batch.len()) |row| {
            if (types.eql(row, self.config.drop)) {
                try edits.drop(row);
                continue;
            }
            if (users.isNull(row)) {
                try edits.deadLetter(row, "no userId");
                continue;
            }
            try seen_by.row(row, "weir");
            if (types.eql(row, "click")) {
                try edits.route(row, clicks);
            } else if (types.eql(row, "view")) {
                try edits.route(row, views);
            }
        }
    }
};

test "records go where their type says" {
    var bench: weir.testing.Bench(MyPlugin) = try .init("{}");
    const outcome = try bench.run(&.{
        .{ .bytes = &.{ "click", "view", "buy", null, "debug", "click" } },
        .{ .bytes = &.{ "7", "7", "7", "7", "7", null } },
    });
    try std.testing.expectEqualStrings("clicks", outcome.topic(0).?);
    try std.testing.expectEqualStrings("views", outcome.topic(1).?);
    try std.testing.expectEqual(null, outcome.topic(2));
    try std.testing.expectEqualStrings("weir", outcome.header(3, "seen-by").?);
    try std.testing.expectEqual(.drop, outcome.verdict(4));
    try std.testing.expectEqual(.dead_letter, outcome.verdict(5));
    try std.testing.expectEqualStrings("no userId", outcome.reason(5).?);
}

test "every mistake of a config is told with its place" {
    const Bench = weir.testing.Bench(MyPlugin);
    try std.testing.expectError(error.Failed, Bench.init("{\"drop\": 7, \"dorp\": \"debug\"}"));
    try std.testing.expectEqualStrings(
        \\/drop: expected a string, found an integer
        \\/dorp: unknown key, known: `drop`
        \\
    , weir.testing.message());
}
