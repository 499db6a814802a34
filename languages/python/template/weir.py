"""Writes plugins for weir, the gateway between Kafka topics, in Python.

A plugin says once what it reads and may change (`Plan`). weir extracts exactly
that and passes it as columns (`Batch`); the plugin writes its changes into
`Edits`. `export` makes a class the plugin of a module:

    from weir import Batch, Config, Edits, Effects, Files, Input, Interceptor, Plan
    from weir import export


    class Tombstones(Interceptor):
        name = "tombstones"
        version = "1.0.0"
        summary = "Drops records without a value."

        def configure(self, config: Config, files: Files) -> Plan:
            return Plan(inputs=[Input.value()], effects=Effects.DROP)

        def process(self, batch: Batch, edits: Edits) -> None:
            values = batch.bytes(0)
            for row in batch.rows:
                if values.is_null(row):
                    edits.drop(row)


    Plugin = export(Tombstones)

Every value is checked where it is written, so a mistake is an exception that
names its line. An exception in `process` is an error of the batch: weir looks
for the record that causes it, and the text becomes the reason of that record's
dead letter, with the exception's type and place unless it is a `Failure`.
"""

from __future__ import annotations

import enum
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from operator import index
from types import TracebackType
from typing import Any, ClassVar, Final, TypeVar, cast

from componentize_py_types import Err
from wit_world.imports import host, lookup
from wit_world.imports import types as wire

__all__ = [
    "Batch",
    "BytesColumn",
    "Cells",
    "Config",
    "Edits",
    "Effects",
    "Failure",
    "Files",
    "Headers",
    "Input",
    "IntColumn",
    "Interceptor",
    "Level",
    "Mistake",
    "Mistakes",
    "Plan",
    "Removal",
    "Topic",
    "count",
    "export",
    "log",
    "pointer",
]

T = TypeVar("T")

#: What a cell may be written from. Text is written as UTF-8.
Bytes = bytes | bytearray | memoryview | str

_MISSING: Final[Any] = object()
_LEAVE: Final = -1
_DROP: Final = 1
_DEAD_LETTER: Final = 2
_INT_MIN: Final = -(1 << 63)
_INT_MAX: Final = (1 << 63) - 1
_U32_MAX: Final = (1 << 32) - 1
_PARTITION_MAX: Final = (1 << 31) - 1
_MOST_MISTAKES: Final = 300
_MOST_FRAMES: Final = 8
#: weir keeps 1 KiB of a message: the place stands behind the text and has to fit.
_MOST_TEXT: Final = 600


# What the bindings would turn into a trap without a message is refused here.


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} is {_kind(value)}, not a string")
    if not value.isascii():
        value.encode()  # a lone surrogate has no UTF-8: UnicodeEncodeError
    return str(value)


def _texts(values: object, what: str) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{what} is {_kind(values)}, not a list of strings")
    return [_text(value, f"an entry of {what}") for value in values]


def _message(value: object) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode()


def _cell(value: Bytes) -> bytes:
    if type(value) is bytes:
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"a cell is {_kind(value)}, not bytes or a string")


def _whole(value: object, what: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} is {_kind(value)}, not an integer")
    if not least <= value <= most:
        raise ValueError(f"{what} is {value}, which is not in {least} to {most}")
    return int(value)


def _kind(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


# The config and what is wrong with it


def pointer(*parts: str | int) -> str:
    """Returns an RFC 6901 pointer: `pointer("rules", 3)` is `"/rules/3"`."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join("/" + part for part in escaped)


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong in a config."""

    #: Where, as an RFC 6901 pointer; empty for the config as a whole.
    pointer: str
    #: What is wrong, and best what to write instead: lower case, no full stop.
    message: str

    def __str__(self) -> str:
        return " ".join(f"{self.pointer}: {self.message}".splitlines())


class Mistakes(Exception):
    """Raised in `configure`: everything that is wrong in a config."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        lines = [str(mistake) for mistake in self.mistakes[:_MOST_MISTAKES]]
        if more := len(self.mistakes) - len(lines):
            lines.append(f": and {more} more mistakes in this config")
        super().__init__("\n".join(lines))


class Failure(Exception):
    """Raised in `process`: an error of the batch, of which only the text is told."""


_JSON_KINDS: Final = (
    (type(None), "null"),
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
    (str, "a string"),
    (list, "an array"),
    (dict, "an object"),
)


def _json_kind(value: object) -> str:
    return next(kind for known, kind in _JSON_KINDS if isinstance(value, known))


class Config:
    """An object of the config, read key by key.

    A key that is missing or has the wrong type is noted as a mistake, and the
    method returns an empty value of its type, so that reading goes on and all
    mistakes are reported at once. A key that was never read is unknown: a mistake
    too. Read every key, also those that do not matter in every case.
    """

    def __init__(
        self,
        members: Mapping[str, Any],
        at: str = "",
        mistakes: list[Mistake] | None = None,
    ) -> None:
        self._members = members
        self._at = at
        self._mistakes: list[Mistake] = [] if mistakes is None else mistakes
        self._known: list[str] = []
        self._parts: list[Config] = []

    def string(self, key: str, default: str = _MISSING) -> str:
        """Returns a string. Without a default the key is required."""
        return cast(str, self._read(key, default, (str,), "a string", ""))

    def integer(self, key: str, default: int = _MISSING) -> int:
        """Returns an integer. Without a default the key is required."""
        return cast(int, self._read(key, default, (int,), "an integer", 0))

    def number(self, key: str, default: float = _MISSING) -> float:
        """Returns a number. Without a default the key is required."""
        return cast(float, self._read(key, default, (int, float), "a number", 0.0))

    def boolean(self, key: str, default: bool = _MISSING) -> bool:
        """Returns a boolean. Without a default the key is required."""
        return cast(bool, self._read(key, default, (bool,), "a boolean", False))

    def strings(self, key: str, default: Sequence[str] = _MISSING) -> list[str]:
        """Returns a list of strings. Without a default the key is required."""
        found = self._read(key, default, (list,), "an array of strings", [])
        return self._each(key, found, str, "a string")

    def object(self, key: str, *, required: bool = True) -> Config:
        """Returns an object; an empty one where it is missing."""
        default = _MISSING if required else {}
        members = self._read(key, default, (dict,), "an object", {})
        return self._part(members, key)

    def objects(self, key: str, *, required: bool = True) -> list[Config]:
        """Returns a list of objects; an empty one where it is missing."""
        default = _MISSING if required else []
        found = self._read(key, default, (list,), "an array of objects", [])
        members = self._each(key, found, dict, "an object", {})
        return [self._part(each, key, at) for at, each in enumerate(members)]

    def value(self, key: str, default: Any = None) -> Any:
        """Returns whatever JSON stands there, as the json module reads it."""
        self._known.append(key)
        return self._members.get(key, default)

    def keys(self) -> list[str]:
        """Returns the keys, for an object whose keys are not known in advance."""
        return list(self._members)

    def mistake(self, key: str | int | None, message: str) -> None:
        """Notes a mistake at a key, or with None at this object as a whole."""
        at = self._at if key is None else self._at + pointer(key)
        self._mistakes.append(Mistake(at, message))

    def finish(self) -> None:
        """Raises Mistakes where any were noted or any key was never read.

        `export` calls it after `configure`. Call it yourself only where the rest of
        `configure` needs a config without mistakes.
        """
        self._find_unknown()
        if self._mistakes:
            raise Mistakes(dict.fromkeys(self._mistakes))

    def _read(
        self, key: str, default: Any, types: tuple[type, ...], name: str, empty: Any
    ) -> Any:
        self._known.append(key)
        if key not in self._members:
            if default is not _MISSING:
                return default
            self.mistake(key, f"is missing: expected {name}")
            return empty
        value = self._members[key]
        if isinstance(value, types) and (bool in types or type(value) is not bool):
            return value
        self.mistake(key, f"is {_json_kind(value)}, expected {name}")
        return empty

    def _each(
        self, key: str, found: Sequence[Any], kind: type, name: str, empty: Any = ""
    ) -> list[Any]:
        entries = []
        for at, entry in enumerate(found):
            if not isinstance(entry, kind):
                message = f"is {_json_kind(entry)}, expected {name}"
                where = self._at + pointer(key, at)
                self._mistakes.append(Mistake(where, message))
                entry = empty
            entries.append(entry)
        return entries

    def _part(self, members: Mapping[str, Any], *at: str | int) -> Config:
        part = Config(members, self._at + pointer(*at), self._mistakes)
        self._parts.append(part)
        return part

    def _find_unknown(self) -> None:
        known = list(dict.fromkeys(self._known))
        names = ", ".join(f"`{key}`" for key in known) or "no key"
        for key in self._members:
            if key not in known:
                self.mistake(key, f"unknown key, expected {names}")
        for part in self._parts:
            part._find_unknown()


# The plan


@dataclass(frozen=True)
class Input:
    """A column that weir extracts for every batch. Made by the methods below."""

    _kind: str
    _argument: str = ""
    _group: int = 0
    _source: str = "value"
    _header: str = ""

    @classmethod
    def key(cls) -> Input:
        """Returns the key (bytes), null where the record has none."""
        return cls("key")

    @classmethod
    def value(cls) -> Input:
        """Returns the value (bytes), null in a tombstone."""
        return cls("value")

    @classmethod
    def header(cls, name: str) -> Input:
        """Returns the last header of that name (bytes)."""
        return cls("header", _text(name, "a header's name"))

    @classmethod
    def timestamp(cls) -> Input:
        """Returns the record's timestamp (ints): ms since the epoch, or null."""
        return cls("timestamp")

    @classmethod
    def timestamp_type(cls) -> Input:
        """Returns the timestamp's type (ints): 0 create time, 1 log append time."""
        return cls("timestamp-type")

    @classmethod
    def received(cls) -> Input:
        """Returns when weir fetched the record (ints): ms since the epoch.

        A plan that reads it makes `weir replay` differ from `weir run`.
        """
        return cls("received")

    @classmethod
    def offset(cls) -> Input:
        """Returns the record's offset in its partition (ints)."""
        return cls("offset")

    @classmethod
    def json(cls, pointer: str) -> Input:
        """Returns a member of the value as JSON, by RFC 6901 pointer (bytes).

        Strings come unescaped, all else as its JSON text. Null where the value is not
        JSON, the member is missing, or it is `null`.
        """
        return cls("json", _text(pointer, "a JSON pointer"))

    @classmethod
    def json_int(cls, pointer: str) -> Input:
        """Returns the same as an integer (ints), also of a string of digits."""
        return cls("json-int", _text(pointer, "a JSON pointer"))

    @classmethod
    def capture(cls, pattern: str, group: int = 0) -> Input:
        """Returns a group of a regular expression's first match in the value (bytes).

        weir runs the expression: the syntax is that of Rust's regex crate, without
        look-around and back-references. Group 0 is the whole match.
        """
        group = _whole(group, "a capture's group", 0, _U32_MAX)
        return cls("capture", _text(pattern, "a pattern"), group)

    def of_key(self) -> Input:
        """Looks in the key instead: for json, json_int and capture."""
        return self._from("key", "")

    def of_header(self, name: str) -> Input:
        """Looks in the last header of that name: for json, json_int and capture."""
        return self._from("header", _text(name, "a header's name"))

    def _from(self, source: str, header: str) -> Input:
        if self._kind not in ("json", "json-int", "capture"):
            raise ValueError(f"the input {self._kind} is not looked for in a {source}")
        return Input(self._kind, self._argument, self._group, source, header)

    def _wire(self) -> wire.Input:
        match self._kind:
            case "key":
                return wire.Input_Key()
            case "value":
                return wire.Input_Value()
            case "header":
                return wire.Input_Header(self._argument)
            case "timestamp":
                return wire.Input_Timestamp()
            case "timestamp-type":
                return wire.Input_TimestampType()
            case "received":
                return wire.Input_Received()
            case "offset":
                return wire.Input_Offset()
        source: wire.Source
        match self._source:
            case "key":
                source = wire.Source_Key()
            case "value":
                source = wire.Source_Value()
            case _:
                source = wire.Source_Header(self._header)
        match self._kind:
            case "json":
                return wire.Input_Json(wire.Member(source, self._argument))
            case "json-int":
                return wire.Input_JsonInt(wire.Member(source, self._argument))
        return wire.Input_Capture(wire.Capture(source, self._argument, self._group))


class Effects(enum.Flag):
    """What a plugin may do to a record; combine them with `|`."""

    #: Writes keys.
    KEY = wire.Effects.KEY.value
    #: Writes values.
    VALUE = wire.Effects.VALUE.value
    #: Writes timestamps.
    TIMESTAMP = wire.Effects.TIMESTAMP.value
    #: Writes or removes headers; implied by `Plan.header_names`.
    HEADERS = wire.Effects.HEADERS.value
    #: Chooses the topic; implied by `Plan.topics`.
    ROUTE = wire.Effects.ROUTE.value
    #: Chooses the partition.
    PARTITION = wire.Effects.PARTITION.value
    #: Drops records.
    DROP = wire.Effects.DROP.value
    #: Sets records aside.
    DEAD_LETTER = wire.Effects.DEAD_LETTER.value
    #: Makes several records of one.
    EXPAND = wire.Effects.EXPAND.value

    @classmethod
    def none(cls) -> Effects:
        """Returns no effect."""
        return cls(0)


class Plan:
    """What a plugin reads and may change.

    Nothing else enters the sandbox, and an edit that the plan does not declare is a
    fault of the record.
    """

    def __init__(
        self,
        inputs: Iterable[Input] = (),
        *,
        all_headers: bool = False,
        effects: Effects = Effects(0),
        header_names: Iterable[str] = (),
        topics: Iterable[str] = (),
    ) -> None:
        """Makes a plan.

        inputs: the columns of every batch; the first one is column 0.
        all_headers: also read every header of every record (`Batch.headers`).
        effects: what the plugin may do. HEADERS and ROUTE follow from the next two.
        header_names: the headers it may write or remove; "*" is any name.
        topics: the topics it may route to: names, or patterns with *.
        """
        self._inputs: list[Input] = []
        self._columns: dict[Input, int] = {}
        for each in inputs:
            self._add(each)
        self.all_headers = bool(all_headers)
        if not isinstance(effects, Effects):
            raise TypeError(f"effects is {_kind(effects)}, not Effects")
        self.header_names = list(dict.fromkeys(_texts(header_names, "header_names")))
        self.topics = list(dict.fromkeys(_texts(topics, "topics")))
        if self.header_names:
            effects |= Effects.HEADERS
        if self.topics:
            effects |= Effects.ROUTE
        self.effects = effects

    def column(self, input: Input) -> int:
        """Returns the number of an input's column, and adds it where it is not read.

        For plugins whose inputs follow from their config.
        """
        at = self._columns.get(input)
        return self._add(input) if at is None else at

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The columns, in their order."""
        return tuple(self._inputs)

    def _add(self, input: Input) -> int:
        if not isinstance(input, Input):
            raise TypeError(f"an input is {_kind(input)}, not an Input")
        self._inputs.append(input)
        return self._columns.setdefault(input, len(self._inputs) - 1)

    def _wire(self) -> wire.Plan:
        return wire.Plan(
            inputs=[each._wire() for each in self._inputs],
            all_headers=self.all_headers,
            effects=wire.Effects(self.effects.value),
            header_names=self.header_names,
            topics=self.topics,
        )


# What a batch holds


class BytesColumn:
    """A column of byte strings, each of which may be null. Empty is not null."""

    __slots__ = ("_offsets", "_data", "_nulls", "_len")

    def __init__(self, column: wire.BytesColumn) -> None:
        self._offsets = column.offsets
        self._data = column.data
        self._len = max(len(column.offsets) - 1, 0)
        self._nulls = column.nulls or bytes(self._len)

    def get(self, row: int) -> bytes | None:
        """Returns the cell of a row, None where it is null."""
        if row < 0:
            raise _no_row(row, self._len)
        if self._nulls[row]:
            return None
        return self._data[self._offsets[row] : self._offsets[row + 1]]

    __getitem__ = get

    def view(self, row: int) -> memoryview | None:
        """Returns the cell of a row without a copy: for long cells."""
        if row < 0:
            raise _no_row(row, self._len)
        if self._nulls[row]:
            return None
        return memoryview(self._data)[self._offsets[row] : self._offsets[row + 1]]

    def text(self, row: int) -> str | None:
        """Returns the cell of a row as text, None where it is null or not UTF-8."""
        cell = self.get(row)
        try:
            return None if cell is None else cell.decode()
        except UnicodeDecodeError:
            return None

    def is_null(self, row: int) -> bool:
        """Returns whether the cell of a row is null."""
        if row < 0:
            raise _no_row(row, self._len)
        return self._nulls[row] != 0

    @property
    def nulls(self) -> int:
        """How many cells are null."""
        return self._len - self._nulls.count(0)

    @property
    def data(self) -> bytes:
        """The bytes of all cells, one after the other."""
        return self._data

    def __len__(self) -> int:
        return self._len

    def __iter__(self) -> Iterator[bytes | None]:
        data, start = self._data, 0
        for null, end in zip(self._nulls, islice(self._offsets, 1, None)):
            yield None if null else data[start:end]
            start = end


class IntColumn:
    """A column of integers, each of which may be null."""

    __slots__ = ("_values", "_nulls")

    def __init__(self, column: wire.IntColumn) -> None:
        self._values = column.values
        self._nulls = column.nulls or bytes(len(column.values))

    def get(self, row: int) -> int | None:
        """Returns the cell of a row, None where it is null."""
        if row < 0:
            raise _no_row(row, len(self._values))
        return None if self._nulls[row] else self._values[row]

    __getitem__ = get

    def is_null(self, row: int) -> bool:
        """Returns whether the cell of a row is null."""
        if row < 0:
            raise _no_row(row, len(self._values))
        return self._nulls[row] != 0

    @property
    def nulls(self) -> int:
        """How many cells are null."""
        return len(self._values) - self._nulls.count(0)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[int | None]:
        for null, value in zip(self._nulls, self._values):
            yield None if null else value


class Headers:
    """Every header of every record of a batch."""

    __slots__ = ("_table", "_cells")

    def __init__(self, table: wire.HeaderTable) -> None:
        self._table = table
        self._cells = BytesColumn(table.cells)

    def row(self, row: int) -> list[tuple[str, bytes | None]]:
        """Returns a row's headers in their order. Names may repeat, values be null."""
        table, cells = self._table, self._cells
        if row < 0:
            raise _no_row(row, len(table.starts) - 1)
        entries = range(table.starts[row], table.starts[row + 1])
        return [(table.names[table.name_index[at]], cells.get(at)) for at in entries]

    def last(self, row: int, name: str, default: T | None = None) -> bytes | T | None:
        """Returns the last header of that name; the default where there is none.

        None may be a header's value: give another default to tell the two apart.
        """
        for known, value in reversed(self.row(row)):
            if known == name:
                return value
        return default


class Batch:
    """Consecutive records of one partition: the columns of the plan. Never empty."""

    __slots__ = ("topic", "partition", "headers", "_count", "_columns")

    #: The topic the records came from.
    topic: str
    #: The partition the records came from.
    partition: int
    #: Every header of every record; None unless the plan has `all_headers`.
    headers: Headers | None

    def __init__(self, batch: wire.Batch) -> None:
        self.topic = batch.topic
        self.partition = batch.partition
        self.headers = None if batch.headers is None else Headers(batch.headers)
        self._count = batch.count
        self._columns = batch.columns

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> range:
        """The rows' numbers, from 0."""
        return range(self._count)

    def bytes(self, at: int) -> BytesColumn:
        """Returns column `at` of the plan, one of bytes."""
        column = self._column(at)
        if isinstance(column, wire.Column_Bytes):
            return BytesColumn(column.value)
        raise TypeError(f"column {at} holds integers: read it by ints({at})")

    def ints(self, at: int) -> IntColumn:
        """Returns column `at` of the plan, one of integers."""
        column = self._column(at)
        if isinstance(column, wire.Column_Ints):
            return IntColumn(column.value)
        raise TypeError(f"column {at} holds bytes: read it by bytes({at})")

    def _column(self, at: int) -> wire.Column:
        if not 0 <= at < len(self._columns):
            raise IndexError(
                f"the plan has no column {at}: it has {len(self._columns)}"
            )
        return self._columns[at]


# What changes


def _no_row(row: int, rows: int) -> IndexError:
    return IndexError(f"there is no row {row}: the batch has {rows}")


def _wire_column(cells: Sequence[bytes | None]) -> wire.BytesColumn:
    nulls = b""
    if None in cells:
        nulls = bytes(cell is None for cell in cells)
    whole = [cell or b"" for cell in cells]
    offsets = list(accumulate(map(len, whole), initial=0))
    return wire.BytesColumn(offsets=offsets, data=b"".join(whole), nulls=nulls)


class Cells:
    """What is written to the rows of a batch.

    Rows may be written in any order; of a row written twice, the last counts (in
    `append_header` both). A row that is not written is left alone.
    """

    __slots__ = ("_count", "_all", "_rounds", "_append")

    def __init__(self, count: int, append: bool = False) -> None:
        self._count = count
        self._all: Any = _MISSING
        self._rounds: list[dict[int, bytes | None]] = [{}]
        self._append = append

    def all(self, value: Bytes | None) -> None:
        """Writes the same to every row that is not written on its own.

        None writes null.
        """
        self._all = None if value is None else _cell(value)

    def row(self, row: int, value: Bytes | None) -> None:
        """Writes to a row. None writes null; to leave a row alone, do not call it."""
        row = index(row)
        if not 0 <= row < self._count:
            raise _no_row(row, self._count)
        cell = None if value is None else _cell(value)
        if self._append and row in self._rounds[0]:
            self._again(row, cell)
        else:
            self._rounds[0][row] = cell

    def column(self, cells: Iterable[Bytes | None]) -> None:
        """Writes a column, row by row: None (a null cell) leaves its row alone."""
        for row, cell in enumerate(cells):
            if cell is not None:
                self.row(row, cell)

    def _again(self, row: int, cell: bytes | None) -> None:
        for round in self._rounds:
            if row not in round:
                round[row] = cell
                return
        self._rounds.append({row: cell})

    def _is_empty(self) -> bool:
        return self._all is _MISSING and not self._rounds[0]

    def _wire(self) -> list[wire.Cells]:
        if self._append:
            shapes: list[wire.Cells] = []
            if self._all is not _MISSING:
                shapes.append(wire.Cells_Constant(self._all))
            return shapes + [self._shape(each) for each in self._rounds if each]
        written = self._rounds[0]
        if self._all is _MISSING:
            return [self._shape(written)] if written else []
        if not written:
            return [wire.Cells_Constant(self._all)]
        return [self._shape(dict.fromkeys(range(self._count), self._all) | written)]

    def _shape(self, written: dict[int, bytes | None]) -> wire.Cells:
        # A null cell of `each` leaves its row alone, one of `sparse` writes null.
        if len(written) * 4 > self._count and None not in written.values():
            return wire.Cells_Each(
                _wire_column([written.get(row) for row in range(self._count)])
            )
        rows = sorted(written)
        cells = _wire_column([written[row] for row in rows])
        return wire.Cells_Sparse(wire.SparseCells(rows=rows, cells=cells))

    def _whole(self) -> wire.BytesColumn:
        return _wire_column([self._rounds[0].get(row) for row in range(self._count)])


class Removal:
    """Rows whose headers of a name are removed."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def all(self) -> None:
        """Removes them from every row."""
        self._cells.all(None)

    def row(self, row: int) -> None:
        """Removes them from one row."""
        self._cells.row(row, b"")

    def rows(self, rows: Iterable[int]) -> None:
        """Removes them from these rows."""
        for row in rows:
            self._cells.row(row, b"")


@dataclass(frozen=True)
class Topic:
    """A topic of one batch's edits: see `Edits.topic`."""

    _number: int
    _name: str


class Edits:
    """The changes to the rows of one batch. What is not written stays as it is."""

    def __init__(self, count: int) -> None:
        self._inputs = count
        self._count = count
        self._expand: list[int] | None = None
        self._topics: dict[str, Topic] = {}
        self._start()

    def _start(self) -> None:
        self._verdicts = bytearray()
        self._reasons = Cells(self._count)
        self._headers: list[tuple[str, wire.HeaderOp, Cells]] = []
        self._key = Cells(self._count)
        self._value = Cells(self._count)
        self._timestamps: dict[int, int] = {}
        self._routes: dict[int, int] = {}
        self._partitions: dict[int, int] = {}

    @property
    def rows(self) -> range:
        """The rows that edits speak of: the batch's, or those of `expand`."""
        return range(self._count)

    def expand(self, sources: Iterable[int]) -> None:
        """Makes new rows: row j is a copy of the batch's row `sources[j]`, ascending.

        A row of the batch that is not named is dropped, which needs Effects.DROP.
        Everything else then speaks of the new rows, so call it first, and once. Needs
        Effects.EXPAND.
        """
        if self._expand is not None or self._is_touched():
            raise RuntimeError("expand comes before other edits, and once")
        rows = [index(row) for row in sources]
        for row in rows:
            if not 0 <= row < self._inputs:
                raise _no_row(row, self._inputs)
        if any(after < before for before, after in pairwise(rows)):
            raise ValueError("expand names rows out of order")
        self._expand = rows
        self._count = len(rows)
        self._start()

    def drop(self, row: int) -> None:
        """Drops a row: it goes nowhere and is counted. Needs Effects.DROP."""
        self._verdict(row, _DROP)

    def dead_letter(self, row: int, reason: Bytes) -> None:
        """Sets the record aside, as it came, with a reason of at most 1 KiB.

        All rows that came from that record go with it. Needs Effects.DEAD_LETTER.
        """
        self._reasons.row(row, _cell(reason))
        self._verdict(row, _DEAD_LETTER)

    def set_header(self, name: str) -> Cells:
        """Sets the headers of a name; returns the cells to write.

        The first header of that name keeps its place and takes the value, the others
        go; a row without one gets it at the end. Called again with the same name it
        returns the same cells.
        """
        return self._header(name, wire.HeaderOp.SET)

    def append_header(self, name: str) -> Cells:
        """Adds a header at the end; returns the cells to write.

        A row written twice gets two headers.
        """
        return self._header(name, wire.HeaderOp.APPEND)

    def remove_header(self, name: str) -> Removal:
        """Removes all headers of a name; returns where to say from which rows."""
        return Removal(self._header(name, wire.HeaderOp.REMOVE))

    @property
    def key(self) -> Cells:
        """The cells of new keys. Needs Effects.KEY."""
        return self._key

    @property
    def value(self) -> Cells:
        """The cells of new values. Needs Effects.VALUE."""
        return self._value

    def timestamp(self, row: int, ms: int) -> None:
        """Writes a row's timestamp: ms since the epoch. Needs Effects.TIMESTAMP."""
        row = self._row(row)
        self._timestamps[row] = _whole(ms, "a timestamp", _INT_MIN, _INT_MAX)

    def topic(self, name: str) -> Topic:
        """Returns a topic for `route`: for code that routes many rows to it."""
        topic = self._topics.get(name)
        if topic is None:
            topic = Topic(len(self._topics), name)
            self._topics[_text(name, "a topic's name")] = topic
        return topic

    def route(self, row: int, topic: Topic) -> None:
        """Routes a row to a topic of these edits. Needs it in `Plan.topics`."""
        row = self._row(row)
        if not isinstance(topic, Topic):
            raise TypeError(
                f"a topic is {_kind(topic)}, not of Edits.topic: see route_to"
            )
        if self._topics.get(topic._name) is not topic:
            raise ValueError("the topic is of other edits: ask for it in each batch")
        self._routes[row] = topic._number

    def route_to(self, row: int, topic: str) -> None:
        """Routes a row to a topic by name. Needs it in `Plan.topics`."""
        self._routes[self._row(row)] = self.topic(topic)._number

    def partition(self, row: int, partition: int) -> None:
        """Sends a row to a partition of its topic. Needs Effects.PARTITION."""
        row = self._row(row)
        self._partitions[row] = _whole(partition, "a partition", 0, _PARTITION_MAX)

    def _row(self, row: int) -> int:
        row = index(row)
        if not 0 <= row < self._count:
            raise _no_row(row, self._count)
        return row

    def _verdict(self, row: int, verdict: int) -> None:
        row = self._row(row)
        if not self._verdicts:
            self._verdicts = bytearray(self._count)
        self._verdicts[row] = verdict

    def _header(self, name: str, op: wire.HeaderOp) -> Cells:
        # Only the last edit of a name may go on: edits are applied in their order.
        for known, last, cells in reversed(self._headers):
            if known == name:
                if last is op:
                    return cells
                break
        cells = Cells(self._count, op is wire.HeaderOp.APPEND)
        self._headers.append((_text(name, "a header's name"), op, cells))
        return cells

    def _is_touched(self) -> bool:
        return bool(
            self._verdicts
            or self._headers
            or not self._key._is_empty()
            or not self._value._is_empty()
            or self._timestamps
            or self._routes
            or self._partitions
        )

    def _wire(self) -> wire.Edits:
        rows = self.rows
        timestamps = route = partitions = reasons = None
        if not self._reasons._is_empty():
            reasons = self._reasons._whole()
        if self._timestamps:
            timestamps = wire.IntColumn(
                values=[self._timestamps.get(row, 0) for row in rows],
                nulls=bytes(row not in self._timestamps for row in rows),
            )
        if self._routes:
            routes = [self._routes.get(row, _LEAVE) for row in rows]
            route = wire.Routing(topics=list(self._topics), index=routes)
        if self._partitions:
            partitions = [self._partitions.get(row, _LEAVE) for row in rows]
        return wire.Edits(
            expand=self._expand,
            verdicts=bytes(self._verdicts),
            reasons=reasons,
            headers=[
                wire.HeaderEdit(name=name, op=op, cells=shape)
                for name, op, cells in self._headers
                for shape in cells._wire()
            ],
            key=next(iter(self._key._wire()), None),
            value=next(iter(self._value._wire()), None),
            timestamps=timestamps,
            route=route,
            partitions=partitions,
        )


# What weir gives


class Level(enum.Enum):
    """How much a log line matters."""

    #: Of use to the plugin's author.
    DEBUG = host.Level.DEBUG
    #: What an operator asked to know.
    INFO = host.Level.INFO
    #: Something went wrong and was made good.
    WARN = host.Level.WARN
    #: Data is at risk or a person must act.
    ERROR = host.Level.ERROR


def log(level: Level, message: object) -> None:
    """Writes a line to weir's log, once the edits of the call are accepted.

    Never once a record: at most once a batch.
    """
    if not isinstance(level, Level):
        raise TypeError(f"a level is {_kind(level)}, not a Level")
    host.log(level.value, _message(message))


def count(name: str, by: int = 1) -> None:
    """Adds to a metric of this interceptor, once the edits of the call are accepted.

    Sum up over the batch and call it once a name: at most 64 names an interceptor.
    """
    by = _whole(by, "a count", 0, _U32_MAX)
    if by:
        host.count(_text(name, "a metric's name"), by)


class Files:
    """The files that the interceptor's config names: `files` in weir.toml.

    They can be read while `configure` runs, and not afterwards.
    """

    def __init__(self) -> None:
        self._is_open = True

    def get(self, name: str) -> bytes | None:
        """Returns a file's bytes, None where the config names no such file."""
        if not self._is_open:
            raise RuntimeError("files are read in configure only")
        return lookup.get(_text(name, "a file's name"))

    def _close(self) -> None:
        self._is_open = False


# The plugin


class Interceptor(ABC):
    """A plugin: what it is, what it reads and may change, and what it does.

    Keep nothing that matters between two batches: weir may make a new instance at
    any time, and no result may depend on where a batch was cut.
    """

    #: Its name, in kebab-case.
    name: ClassVar[str]
    #: Its own version, such as "1.2.0".
    version: ClassVar[str]
    #: What it does, in a sentence.
    summary: ClassVar[str]
    #: JSON Schema (2020-12) of its config. weir checks a config against it first.
    config_schema: ClassVar[Mapping[str, Any]] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
    }

    @abstractmethod
    def configure(self, config: Config, files: Files) -> Plan:
        """Reads the config and returns the plan. Called once an instance.

        Note what is wrong by `config.mistake`, or raise Mistakes.
        """

    @abstractmethod
    def process(self, batch: Batch, edits: Edits) -> None:
        """Writes what changes in a batch into `edits`.

        An exception speaks of the whole batch: weir divides the batch until it has the
        record that causes it. `Failure` is for one that is meant. A record that is
        wrong is no exception: see `Edits.dead_letter`.
        """


def export(interceptor: type[Interceptor]) -> type:
    """Returns the class that the bindings look for: `Plugin = export(MyPlugin)`.

    Checks what `describe` returns, so a mistake there fails the build.
    """
    description = wire.Description(
        name=_text(getattr(interceptor, "name", None), "name"),
        version=_text(getattr(interceptor, "version", None), "version"),
        summary=_text(getattr(interceptor, "summary", None), "summary"),
        config_schema=json.dumps(interceptor.config_schema),
    )
    # The bindings make one object for each function, so the state is here.
    configured: list[Interceptor] = []

    class Plugin:
        def describe(self) -> wire.Description:
            return description

        def configure(self, config: str) -> wire.Plan:
            return _guarded(lambda: _configure(interceptor, configured, config))

        def process(self, batch: wire.Batch) -> wire.Edits:
            return _guarded(lambda: _process(configured, batch))

    return Plugin


def _configure(
    kind: type[Interceptor], configured: list[Interceptor], text: str
) -> wire.Plan:
    try:
        members = json.loads(text)
    except ValueError as error:
        raise Mistakes([Mistake("", f"the config is not JSON: {error}")]) from None
    if not isinstance(members, dict):
        found = _json_kind(members)
        raise Mistakes([Mistake("", f"the config is {found}, expected an object")])
    config, files = Config(members), Files()
    plugin = kind()
    try:
        plan = plugin.configure(config, files)
    except Mistakes:
        raise
    except Exception:
        # A mistake that was noted may be the cause: it says more.
        if config._mistakes:
            config.finish()
        raise
    finally:
        files._close()
    config.finish()
    if not isinstance(plan, Plan):
        raise TypeError(f"configure returned a value {_kind(plan)}, not a Plan")
    configured[:] = [plugin]
    return plan._wire()


def _process(configured: list[Interceptor], batch: wire.Batch) -> wire.Edits:
    if not configured:
        raise RuntimeError("process was called before configure")
    edits = Edits(batch.count)
    # What a plugin returns is most likely a mistake, so it is not passed over.
    process: Callable[[Batch, Edits], object] = configured[0].process
    if (returned := process(Batch(batch), edits)) is not None:
        found = _kind(returned)
        raise TypeError(f"process returned a value {found}: write into edits instead")
    return edits._wire()


def _guarded(call: Callable[[], T]) -> T:
    """Turns an exception into the interface's error: else it is a trap without text."""
    try:
        return call()
    except (Mistakes, Failure) as told:
        raise Err(_message(told)) from None
    except BaseException as error:
        raise Err(_explain(error)) from None


def _explain(error: BaseException) -> str:
    """Returns an exception's text and place, without reading any source file."""
    text = _message(error).strip()[:_MOST_TEXT]
    name = type(error).__name__
    places = _places(error.__traceback__)
    said = f"{name}: {text}" if text else name
    return f"{said} (at {', '.join(places)})" if places else said


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        file = code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
        if code.co_name not in _OWN:
            places.append(f"{file}:{traceback.tb_lineno} in {code.co_name}")
        traceback = traceback.tb_next
    return places[-_MOST_FRAMES:]


_OWN: Final = frozenset({"_guarded", "<lambda>", "_configure", "_process"})
