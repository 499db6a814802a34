"""What weir.py makes of what a plugin writes.

Needs the bindings of the interface, which componentize-py generates into a
temporary folder, so its requirements have to be installed.
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parent.parent / "template"
BINDINGS = tempfile.mkdtemp(prefix="weir-bindings-")


def tearDownModule() -> None:
    shutil.rmtree(BINDINGS)


def generate() -> None:
    tool = Path(sys.executable).parent / "componentize-py"
    wit = str(TEMPLATE / "wit")
    subprocess.run(
        [tool, "-d", wit, "-w", "interceptor", "bindings", BINDINGS], check=True
    )
    sys.path[:0] = [BINDINGS, str(TEMPLATE)]


generate()

import weir  # noqa: E402
from componentize_py_types import Err  # noqa: E402
from wit_world.imports import types as wire  # noqa: E402


def column(*cells: str | None) -> wire.BytesColumn:
    """A column as weir sends it: with a mark for every cell."""
    offsets, data = [0], b""
    for cell in cells:
        data += (cell or "").encode()
        offsets.append(len(data))
    return wire.BytesColumn(offsets, data, bytes(cell is None for cell in cells))


def answer(*cells: str | None) -> wire.BytesColumn:
    """A column as a plugin answers it: without marks where none is null."""
    made = column(*cells)
    return made if 1 in made.nulls else wire.BytesColumn(made.offsets, made.data, b"")


def batch(count: int, *columns: wire.Column, headers: Any = None) -> wire.Batch:
    return wire.Batch("in", 3, count, list(columns), headers)


def edited(count: int) -> weir.Edits:
    return weir.Edits(count)


class CellsTest(unittest.TestCase):
    def check(self, count: int, write: Any, expected: Any) -> None:
        edits = edited(count)
        write(edits.value)
        self.assertEqual(edits._wire().value, expected)

    def test_the_shape_follows_from_what_was_written(self) -> None:
        self.check(3, lambda cells: None, None)
        self.check(3, lambda cells: cells.all("x"), wire.Cells_Constant(b"x"))
        self.check(3, lambda cells: cells.all(None), wire.Cells_Constant(None))
        each = wire.Cells_Each(answer(None, "", None))
        self.check(3, lambda cells: cells.row(1, b""), each)
        sparse = wire.Cells_Sparse(wire.SparseCells([7], answer("c")))
        self.check(9, lambda cells: cells.row(7, "c"), sparse)
        null = wire.Cells_Sparse(wire.SparseCells([1], answer(None)))
        self.check(2, lambda cells: cells.row(1, None), null)

    def test_rows_come_in_any_order_and_the_last_counts(self) -> None:
        def write(cells: weir.Cells) -> None:
            cells.row(2, "c")
            cells.row(0, None)
            cells.row(1, bytearray(b"b"))
            cells.row(2, memoryview(b"C"))

        sparse = wire.SparseCells([0, 1, 2], answer(None, "b", "C"))
        self.check(3, write, wire.Cells_Sparse(sparse))

    def test_what_is_written_to_all_fills_the_rest(self) -> None:
        def write(cells: weir.Cells) -> None:
            cells.row(1, "b")
            cells.all("x")

        self.check(3, write, wire.Cells_Each(answer("x", "b", "x")))

    def test_a_column_leaves_rows_alone_where_it_is_null(self) -> None:
        source = weir.BytesColumn(column("a", None, "é"))
        each = wire.Cells_Each(answer("a", None, "é"))
        self.check(3, lambda cells: cells.column(source), each)

    def test_what_is_no_cell_and_what_is_no_row_is_refused_at_once(self) -> None:
        cells = edited(2).key
        for value in (1, 1.5, ["a"], object()):
            with self.assertRaises(TypeError):
                cells.row(0, value)  # type: ignore[arg-type]
        for row in (2, -1):
            with self.assertRaisesRegex(IndexError, f"no row {row}: the batch has 2"):
                cells.row(row, b"")
        with self.assertRaises(TypeError):
            cells.row(0.5, b"")  # type: ignore[arg-type]
        with self.assertRaises(UnicodeEncodeError):
            cells.row(0, "\ud800")


class EditsTest(unittest.TestCase):
    def test_nothing_written_is_nothing_changed(self) -> None:
        edits = edited(5)
        edits.set_header("h")
        edits.topic("t")
        nothing = wire.Edits(None, b"", None, [], None, None, None, None, None)
        self.assertEqual(edits._wire(), nothing)

    def test_everything_has_one_entry_a_row(self) -> None:
        edits = edited(3)
        edits.drop(0)
        edits.dead_letter(2, "why")
        edits.timestamp(1, 7)
        edits.route(1, edits.topic("a"))
        edits.route_to(2, "b")
        edits.partition(0, 4)
        made = edits._wire()
        self.assertEqual(made.verdicts, b"\x01\x00\x02")
        self.assertEqual(made.reasons, answer(None, None, "why"))
        self.assertEqual(made.timestamps, wire.IntColumn([0, 7, 0], b"\x01\x00\x01"))
        self.assertEqual(made.route, wire.Routing(["a", "b"], [-1, 0, 1]))
        self.assertEqual(made.partitions, [4, -1, -1])

    def test_headers_keep_their_order(self) -> None:
        edits = edited(2)
        edits.set_header("h").row(0, "a")
        edits.set_header("g").row(0, "g")
        edits.set_header("h").row(1, "b")
        edits.remove_header("h").row(1)
        edits.set_header("h").row(0, "c")
        said = [(edit.name, edit.op.name) for edit in edits._wire().headers]
        expected = [("h", "SET"), ("g", "SET"), ("h", "REMOVE"), ("h", "SET")]
        self.assertEqual(said, expected)

    def test_a_row_appended_to_twice_gets_two_headers(self) -> None:
        edits = edited(2)
        edits.append_header("h").row(0, "a")
        edits.append_header("h").row(1, "b")
        edits.append_header("h").row(0, "c")
        cells = [edit.cells for edit in edits._wire().headers]
        first = wire.Cells_Each(answer("a", "b"))
        self.assertEqual(cells, [first, wire.Cells_Each(answer("c", None))])

    def test_removal_of_all_and_of_some(self) -> None:
        edits = edited(9)
        edits.remove_header("a").all()
        edits.remove_header("b").rows([1])
        made = edits._wire().headers
        self.assertEqual(made[0].cells, wire.Cells_Constant(None))
        self.assertEqual(made[1].cells.value.rows, [1])  # type: ignore[union-attr]

    def test_after_an_expansion_rows_are_the_new_ones(self) -> None:
        edits = edited(2)
        topic = edits.topic("t")
        edits.expand([0, 0, 0, 1])
        edits.drop(3)
        edits.route(2, topic)
        made = edits._wire()
        self.assertEqual(made.expand, [0, 0, 0, 1])
        self.assertEqual(made.verdicts, b"\x00\x00\x00\x01")
        self.assertEqual(made.route, wire.Routing(["t"], [-1, -1, 0, -1]))

    def test_what_is_wrong_is_refused_at_once(self) -> None:
        for error, write in (
            (IndexError, lambda edits: edits.drop(2)),
            (IndexError, lambda edits: edits.drop(-1)),
            (IndexError, lambda edits: edits.dead_letter(2, "why")),
            (TypeError, lambda edits: edits.dead_letter(0, None)),
            (ValueError, lambda edits: edits.timestamp(0, 1 << 63)),
            (TypeError, lambda edits: edits.timestamp(0, 1.5)),
            (TypeError, lambda edits: edits.timestamp(0, True)),
            (ValueError, lambda edits: edits.partition(0, -1)),
            (TypeError, lambda edits: edits.route(0, "t")),
            (ValueError, lambda edits: edits.route(0, edited(2).topic("t"))),
            (TypeError, lambda edits: edits.route_to(0, b"t")),
            (TypeError, lambda edits: edits.set_header(b"h")),
            (IndexError, lambda edits: edits.expand([0, 2])),
            (ValueError, lambda edits: edits.expand([1, 0])),
            (RuntimeError, lambda edits: (edits.drop(0), edits.expand([0]))),
        ):
            with self.assertRaises(error):
                write(edited(2))


class BatchTest(unittest.TestCase):
    def test_columns_are_read_by_their_type(self) -> None:
        ints = wire.IntColumn([5, 0, 1 << 62], b"\x00\x01\x00")
        read = weir.Batch(
            batch(3, wire.Column_Bytes(column("a", None, "")), wire.Column_Ints(ints))
        )
        texts = read.bytes(0)
        self.assertEqual([texts.get(row) for row in read.rows], [b"a", None, b""])
        self.assertEqual(list(texts), [b"a", None, b""])
        self.assertEqual([texts.text(row) for row in read.rows], ["a", None, ""])
        self.assertEqual(
            [texts.is_null(row) for row in read.rows], [False, True, False]
        )
        self.assertEqual((texts.nulls, len(texts), texts.view(0)), (1, 3, b"a"))
        self.assertEqual(list(read.ints(1)), [5, None, 1 << 62])
        self.assertEqual(read.ints(1)[2], 1 << 62)
        for wrong, error in (
            (lambda: read.bytes(1), TypeError),
            (lambda: read.ints(0), TypeError),
            (lambda: read.bytes(2), IndexError),
            (lambda: read.bytes(-1), IndexError),
            (lambda: texts.get(-1), IndexError),
            (lambda: texts.get(3), IndexError),
        ):
            with self.assertRaises(error):
                wrong()

    def test_headers_in_their_order(self) -> None:
        table = wire.HeaderTable(
            [0, 2, 2, 3], ["a", "b"], [0, 0, 1], column("1", "2", None)
        )
        headers = weir.Batch(batch(3, headers=table)).headers
        assert headers is not None
        self.assertEqual(headers.row(0), [("a", b"1"), ("a", b"2")])
        self.assertEqual(headers.row(1), [])
        self.assertEqual(headers.last(0, "a"), b"2")
        self.assertEqual(headers.last(0, "b", "none"), "none")
        self.assertEqual(headers.last(2, "b", "none"), None)
        self.assertIsNone(weir.Batch(batch(1)).headers)


class Fields(weir.Interceptor):
    name = "fields"
    version = "1.0.0"
    summary = "Reads every kind of key."

    def configure(self, config: weir.Config, files: weir.Files) -> weir.Plan:
        self.read = (
            config.string("s"),
            config.integer("i", 7),
            config.number("n", 0.5),
            config.boolean("b", False),
            config.strings("l", []),
        )
        for rule in config.objects("rules", required=False):
            if not rule.string("pattern"):
                rule.mistake("pattern", "is empty")
        config.object("o", required=False).string("a/b", "")
        return weir.Plan(
            [
                weir.Input.key(),
                weir.Input.json_int("/a").of_header("h"),
                weir.Input.capture("a(b)", 1).of_key(),
                weir.Input.received(),
            ],
            effects=weir.Effects.DEAD_LETTER,
            header_names=["h", "h"],
            topics=["t"],
        )

    def process(self, batch: weir.Batch, edits: weir.Edits) -> None:
        raise ValueError("bad \ud800 text")


class ExportTest(unittest.TestCase):
    def setUp(self) -> None:
        self.plugin = weir.export(Fields)

    def mistakes(self, config: str) -> list[str]:
        with self.assertRaises(Err) as caught:
            self.plugin().configure(config)
        return str(caught.exception.value).splitlines()

    def test_all_mistakes_are_told_at_once(self) -> None:
        self.assertEqual(
            self.mistakes(
                '{"s": 1, "i": true, "l": ["a", null], "o": {"a/b": [], "c": 1},'
                ' "rules": [{}, {"pattern": ""}, 3], "extra": 0}'
            ),
            [
                "/s: is a number, expected a string",
                "/i: is a boolean, expected an integer",
                "/l/1: is null, expected a string",
                "/rules/2: is a number, expected an object",
                "/rules/0/pattern: is missing: expected a string",
                "/rules/0/pattern: is empty",
                "/rules/1/pattern: is empty",
                "/rules/2/pattern: is missing: expected a string",
                "/rules/2/pattern: is empty",
                "/o/a~1b: is an array, expected a string",
                "/extra: unknown key, expected `s`, `i`, `n`, `b`, `l`, `rules`, `o`",
                "/o/c: unknown key, expected `a/b`",
            ],
        )
        self.assertEqual(self.mistakes("{}"), ["/s: is missing: expected a string"])
        self.assertEqual(
            self.mistakes("[]"), [": the config is an array, expected an object"]
        )
        self.assertRegex(self.mistakes("{")[0], "^: the config is not JSON: ")

    def test_the_plan_as_the_bindings_want_it(self) -> None:
        plan = self.plugin().configure('{"s": "x"}')
        self.assertEqual(
            plan.inputs,
            [
                wire.Input_Key(),
                wire.Input_JsonInt(wire.Member(wire.Source_Header("h"), "/a")),
                wire.Input_Capture(wire.Capture(wire.Source_Key(), "a(b)", 1)),
                wire.Input_Received(),
            ],
        )
        effects = wire.Effects
        self.assertEqual(
            plan.effects, effects.DEAD_LETTER | effects.HEADERS | effects.ROUTE
        )
        self.assertEqual((plan.header_names, plan.topics), (["h"], ["t"]))

    def test_an_exception_leaves_its_text_and_place(self) -> None:
        self.plugin().configure('{"s": "x"}')
        with self.assertRaises(Err) as caught:
            # The bindings call each function on an object of its own.
            self.plugin().process(batch(1))
        self.assertRegex(
            str(caught.exception.value),
            r"^ValueError: bad \\ud800 text \(at test_weir\.py:\d+ in process\)$",
        )

    def test_of_a_failure_the_text_alone_is_told(self) -> None:
        class Failing(Fields):
            def process(self, batch: weir.Batch, edits: weir.Edits) -> None:
                raise weir.Failure("no such thing: é")

        plugin = weir.export(Failing)
        plugin().configure('{"s": "x"}')
        with self.assertRaises(Err) as caught:
            plugin().process(batch(1))
        self.assertEqual(caught.exception.value, "no such thing: é")

    def test_what_describe_returns_is_checked_when_it_is_built(self) -> None:
        class Nameless(Fields):
            name = None  # type: ignore[assignment]

        with self.assertRaisesRegex(TypeError, "name is None, not a string"):
            weir.export(Nameless)

    def test_the_template_holds_the_interface_of_this_version(self) -> None:
        sdk = TEMPLATE.parents[2] / "guest-sdk" / "wit" / "interceptor.wit"
        copy = TEMPLATE / "wit" / "interceptor.wit"
        self.assertEqual(copy.read_bytes(), sdk.read_bytes())


if __name__ == "__main__":
    unittest.main()
