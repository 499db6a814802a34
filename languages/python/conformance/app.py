"""The reference plugin of the conformance kit: does what the script in its config says.

The commands are those of conformance/README.md.
"""

from collections.abc import Sequence

from weir import (
    Batch,
    Cells,
    Config,
    Edits,
    Effects,
    Failure,
    Files,
    Headers,
    Input,
    Interceptor,
    Level,
    Mistake,
    Mistakes,
    Plan,
    count,
    export,
    log,
    pointer,
)

#: The inputs whose columns are of integers.
INTS = ("timestamp", "timestamp-type", "received", "offset", "json-int")


class Reference(Interceptor):
    name = "reference"
    version = "0.1.0"
    summary = "Does what its script says."
    config_schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "script": {
                "description": "What the plugin does, a command a line.",
                "type": "array",
                "items": {"type": "string"},
            }
        },
        "required": ["script"],
        "additionalProperties": False,
    }

    def configure(self, config: Config, files: Files) -> Plan:
        self.commands: list[str] = []
        # Which columns are of integers.
        self.ints: list[bool] = []
        self.files: dict[str, bytes | None] = {}
        inputs, all_headers, effects = [], False, Effects.none()
        header_names, topics, mistakes = [], [], []
        for at, line in enumerate(config.strings("script")):
            command, rest = split(line)
            match command:
                case "input":
                    self.ints.append(split(rest)[0] in INTS)
                    inputs.append(input_of(rest))
                case "all-headers":
                    all_headers = True
                case "effects":
                    for name in rest.split(" "):
                        effects |= Effects[name.upper().replace("-", "_")]
                case "header-name":
                    header_names.append(rest)
                case "topic":
                    topics.append(rest)
                case "file":
                    self.files[rest] = files.get(rest)
                case "mistake":
                    mistakes.append(Mistake(pointer("script", at), rest))
                case _:
                    self.commands.append(line)
        if mistakes:
            raise Mistakes(mistakes)
        return Plan(
            inputs,
            all_headers=all_headers,
            effects=effects,
            header_names=header_names,
            topics=topics,
        )

    def process(self, batch: Batch, edits: Edits) -> None:
        rows = Rows(self, batch)
        for line in self.commands:
            command, rest = split(line)
            first, last = split(rest)
            match command:
                case "log":
                    log(Level[first.upper()], last)
                case "count":
                    count(first, int(last))
                case "fail":
                    if rows.matching(first):
                        raise Failure(last)
                case "panic":
                    if rows.matching(first):
                        raise RuntimeError(last)
                case "expand":
                    copies = enumerate(batch.ints(int(first)))
                    rows.sources = [row for row, n in copies for _ in range(n or 0)]
                    edits.expand(rows.sources)
                case "drop":
                    for row in rows.matching(first):
                        edits.drop(row)
                case "dead-letter":
                    for row in rows.matching(first):
                        edits.dead_letter(row, last)
                case "set":
                    rows.write(edits.set_header(first), last)
                case "append":
                    rows.write(edits.append_header(first), last)
                case "remove" if last == "all":
                    edits.remove_header(first).all()
                case "remove":
                    edits.remove_header(first).rows(rows.matching(split(last)[1]))
                case "key":
                    rows.write(edits.key, rest)
                case "value":
                    rows.write(edits.value, rest)
                case "timestamp":
                    for row in rows.matching(first):
                        edits.timestamp(row, int(last))
                case "partition":
                    for row in rows.matching(first):
                        edits.partition(row, int(last))
                case "route":
                    topic = edits.topic(last)
                    for row in rows.matching(first):
                        edits.route(row, topic)
                case _:
                    raise Failure(f"no such command: {line}")


class Rows:
    """The rows that edits speak of."""

    def __init__(self, plugin: Reference, batch: Batch) -> None:
        self.plugin = plugin
        self.batch = batch
        # For each, the row of the batch that it was made of.
        self.sources: Sequence[int] = batch.rows
        self.columns = [cells(batch, *column) for column in enumerate(plugin.ints)]

    def matching(self, where: str) -> list[int]:
        """Returns the rows of which a WHERE holds."""
        rows = enumerate(self.sources)
        if where == "*":
            return [row for row, _ in rows]
        if where.endswith(("!", "?")):
            column, is_null = self.columns[int(where[:-1])], where.endswith("!")
            return [row for row, at in rows if (column[at] is None) == is_null]
        number, _, text = where.partition("=")
        column, cell = self.columns[int(number)], text.encode()
        return [row for row, at in rows if column[at] == cell]

    def write(self, to: Cells, spec: str) -> None:
        """Writes CELLS."""
        form, rest = split(spec)
        match form:
            case "all":
                to.all(rest)
            case "all-null":
                to.all(None)
            case "column":
                to.column(self.batch.bytes(int(rest)))
            case "row":
                where, value = split(rest)
                for row in self.matching(where):
                    to.row(row, self.value(value, self.sources[row]))

    def value(self, spec: str, row: int) -> bytes | None:
        """Returns a VALUE of a row of the batch."""
        kind, rest = split(spec)
        match kind:
            case "text":
                return rest.encode()
            case "column":
                return self.columns[int(rest)][row]
            case "file":
                return self.plugin.files[rest]
            case "last":
                return self.headers.last(row, rest)
            case "headers":
                return b",".join(
                    name.encode() + (b"" if value is None else b"=" + value)
                    for name, value in self.headers.row(row)
                )
            case "seen":
                place = f"{self.batch.topic} {self.batch.partition}".encode()
                seen = [column[row] for column in self.columns]
                return b"|".join([place, *(b"-" if c is None else c for c in seen)])
        return None

    @property
    def headers(self) -> Headers:
        if self.batch.headers is None:
            raise Failure("no header table")
        return self.batch.headers


def cells(batch: Batch, at: int, is_ints: bool) -> list[bytes | None]:
    """Returns the cells of a column, integers in decimal digits."""
    if not is_ints:
        return list(batch.bytes(at))
    numbers = batch.ints(at)
    return [None if number is None else b"%d" % number for number in numbers]


def split(line: str) -> tuple[str, str]:
    """Returns a line's first word and the rest."""
    first, _, rest = line.partition(" ")
    return first, rest


def input_of(spec: str) -> Input:
    kind, rest = split(spec)
    source, last = split(rest)
    match kind:
        case "key":
            return Input.key()
        case "value":
            return Input.value()
        case "header":
            return Input.header(rest)
        case "timestamp":
            return Input.timestamp()
        case "timestamp-type":
            return Input.timestamp_type()
        case "received":
            return Input.received()
        case "offset":
            return Input.offset()
        case "json":
            return looked_for(Input.json(last), source)
        case "json-int":
            return looked_for(Input.json_int(last), source)
        case "capture":
            group, pattern = split(last)
            return looked_for(Input.capture(pattern, int(group)), source)
    raise ValueError(f"no such input: {spec}")


def looked_for(input: Input, source: str) -> Input:
    """Returns an input of a SOURCE."""
    if source == "key":
        return input.of_key()
    kind, _, name = source.partition(":")
    return input.of_header(name) if kind == "header" else input


Plugin = export(Reference)
