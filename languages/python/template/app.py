"""Routes records by their type."""

from weir import (
    Batch,
    Config,
    Edits,
    Effects,
    Files,
    Input,
    Interceptor,
    Plan,
    export,
)

# The plan's inputs, by their place.
TYPE, USER = 0, 1


class MyPlugin(Interceptor):
    name = "my-plugin"
    version = "0.1.0"
    summary = "Routes records by their type."
    config_schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "drop": {
                "description": "Records of this type are dropped.",
                "type": "string",
                "default": "debug",
            }
        },
        "additionalProperties": False,
    }

    def configure(self, config: Config, files: Files) -> Plan:
        self.drop = config.string("drop", default="debug").encode()
        return Plan(
            inputs=[Input.header("type"), Input.json("/userId")],
            effects=Effects.DROP | Effects.DEAD_LETTER,
            header_names=["seen-by"],
            topics=["clicks", "views"],
        )

    def process(self, batch: Batch, edits: Edits) -> None:
        types, users = batch.bytes(TYPE), batch.bytes(USER)
        for row in batch.rows:
            kind = types.get(row)
            if kind == self.drop:
                edits.drop(row)
                continue
            if users.is_null(row):
                edits.dead_letter(row, "no userId")
                continue
            edits.set_header("seen-by").row(row, "weir")
            if kind == b"click":
                edits.route_to(row, "clicks")
            elif kind == b"view":
                edits.route_to(row, "views")


Plugin = export(MyPlugin)
