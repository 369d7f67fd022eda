"""Arrow in and out, with each library that people have."""

import datasets
import duckdb
import nagalm
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import COPY, WORKS

TEXTS = [COPY, None, "nothing of note", ""]
IDS = [1, 2, 3, 4]


def as_pyarrow(columns):
    return pa.table(columns)


def as_chunks(columns):
    table = pa.table(columns)
    return pa.concat_tables([table.slice(0, 1), table.slice(1)])


def as_batch(columns):
    return pa.RecordBatch.from_pydict(columns)


def as_reader(columns):
    return pa.table(columns).to_reader(max_chunksize=2)


def as_duckdb(columns):
    rows = pa.table(columns)  # noqa: F841  (DuckDB looks for it by its name)
    return duckdb.sql("SELECT * FROM rows")


def as_datasets(columns):
    return datasets.Dataset.from_dict(columns).with_format("arrow")[:]


LIBRARIES = [as_pyarrow, as_chunks, as_batch, as_reader, pd.DataFrame, pl.DataFrame, as_duckdb, as_datasets]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
def test_scanned(library, scanner):
    table = pa.table(scanner.scan_arrow(library({"output": TEXTS, "n": IDS}), text="output"))
    rows = table.to_pylist()
    assert [row["output"] for row in rows] == TEXTS and [row["n"] for row in rows] == IDS
    for row, text in zip(rows, TEXTS, strict=True):
        if text is None:
            assert all(value is None for name, value in row.items() if name not in ("output", "n"))
            continue
        expected = scanner.scan(text).to_dict()
        for name in ["complete", "text_sha256", "coverage", "works"]:
            assert row[name] == expected[name]
        # What a report leaves out is null in a table.
        found = [{name: value for name, value in match.items() if value is not None} for match in row["matches"]]
        assert found == expected["matches"]
        assert row["error"] is None and row["not_searched"] == [] and row["sealed"] is None


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
def test_exploded(library, scanner):
    two = f"{COPY} Then, after a while: {WORKS[1]['text']}"
    table = pa.table(scanner.scan_arrow(library({"text": [two, *TEXTS]}), explode=True))
    rows = table.to_pylist()
    assert [row["work_id"] for row in rows] == ["ferry", "mill", "ferry", None, None, None]
    assert [row["text"] for row in rows] == [two, two, *TEXTS]
    for row in rows[:3]:
        assert row["text"][row["output_start"] : row["output_end"]] == row["output_text"]
    assert [row["coverage_total"] for row in rows] == [len(two), len(two), len(COPY), None, 15, 0]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
def test_registered(library, memory):
    columns = {
        "work_id": [work["work_id"] for work in WORKS],
        "title": [work.get("title") for work in WORKS],
        "language": [work.get("language") for work in WORKS],
        "creators": ["Anna Vos", None],
        "shelf": [None, 7],
        "text": [work["text"] for work in WORKS],
    }
    registry = nagalm.Registry.from_works(library(columns))
    if library is not pd.DataFrame:  # Which makes 7 a 7.0 where something is missing.
        assert registry.content_hash == memory.content_hash
    assert registry["ferry"]["creators"] == [{"name": "Anna Vos"}] and registry["mill"]["shelf"] == 7


def test_results_go_into_each_library(scanner):
    result = scanner.scan_arrow(pa.table({"text": TEXTS}), explode=True)
    assert len(result) == result.num_rows == 4 and result.column_names[0] == "text" and "4 rows" in repr(result)
    assert result.to_pyarrow() == pa.table(result)
    assert pl.DataFrame(result)["work_id"].to_list() == ["ferry", None, None, None]
    assert list(pd.DataFrame.from_arrow(result)["work_id"].dropna()) == ["ferry"]
    assert duckdb.sql("SELECT work_id FROM result WHERE evalue < 1e-9").fetchall() == [("ferry",)]
    assert datasets.Dataset(result.to_pyarrow())["work_id"][:2] == ["ferry", None]
    assert pa.schema(result) == pa.table(result).schema


def test_datasets_map(scanner):
    data = datasets.Dataset.from_dict({"output": [COPY, "nothing"] * 50}).with_format("arrow")
    mapped = data.map(lambda batch: scanner.scan_arrow(batch, text="output").to_pyarrow(), batched=True, batch_size=7)
    found = [len(matches) for matches in mapped.with_format(None)["matches"]]
    assert found == [1, 0] * 50


def test_datasets_map_in_processes(folder):
    scanner = nagalm.Scanner(nagalm.Registry.open(folder))
    scanner.scan_arrow(pa.table({"text": [COPY]}))
    data = datasets.Dataset.from_dict({"text": [COPY, "nothing"] * 10}).with_format("arrow")
    mapped = data.map(lambda batch: scanner.scan_arrow(batch).to_pyarrow(), batched=True, batch_size=5, num_proc=2)
    assert sum(len(matches) for matches in mapped.with_format(None)["matches"]) == 10


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_kinds_of_text(kind, scanner):
    column = pa.chunked_array([pa.array(TEXTS, pa.string()).cast(kind), pa.array([COPY] * 200, pa.string()).cast(kind)])
    table = pa.table(scanner.scan_arrow(pa.table({"text": column})))
    assert table["text"].to_pylist() == [*TEXTS, *[COPY] * 200]
    assert [len(matches or []) for matches in table["matches"].to_pylist()] == [1, 0, 0, 0, *[1] * 200]


def test_no_texts_at_all(scanner):
    assert scanner.scan_arrow(pa.table({"text": pa.array([], pa.string())})).num_rows == 0
    assert pa.table(scanner.scan_arrow(pa.table({"text": pa.nulls(3)})))["error"].null_count == 3


def test_columns_of_the_same_name_are_kept(scanner):
    first = scanner.scan_arrow(pa.table({"text": [COPY], "error": ["theirs"], "input_error": ["older"]}))
    row = pa.table(first).to_pylist()[0]
    assert (row["input_input_error"], row["input_error"], row["error"]) == ("theirs", "older", None)
    # What was scanned can be scanned again.
    again = pa.table(scanner.scan_arrow(first))
    assert again["input_matches"].to_pylist() == again["matches"].to_pylist()


def test_order_and_rows_of_large_tables(scanner):
    texts = [COPY if n % 7 == 0 else f"number {n}" for n in range(10_000)]
    table = pa.table({"text": texts, "n": range(10_000)})
    nested = pa.table(scanner.scan_arrow(table))
    assert nested["n"].to_pylist() == list(range(10_000)) and nested["text"].to_pylist() == texts
    assert [len(matches) for matches in nested["matches"].to_pylist()] == [int(n % 7 == 0) for n in range(10_000)]
    assert pa.table(scanner.scan_arrow(table, explode=True))["n"].to_pylist() == list(range(10_000))


def test_rows_that_fail_say_so(scanner):
    bad = pa.StringArray.from_buffers(
        3, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0\6\0\0\0"), pa.py_buffer(b"ab\xff\xfecd")
    )
    rows = pa.table(scanner.scan_arrow(pa.table({"text": bad, "n": [1, 2, 3]})).to_pyarrow().drop(["text"])).to_pylist()
    assert [row["n"] for row in rows] == [1, 2, 3]
    assert rows[1]["error"].startswith("not UTF-8") and rows[1]["matches"] is None
    assert rows[0]["error"] is None and rows[2]["matches"] == []


def test_what_is_no_table_of_texts(scanner):
    with pytest.raises(KeyError, match="output"):
        scanner.scan_arrow(pa.table({"text": ["a"]}), text="output")
    with pytest.raises(TypeError, match="not text"):
        scanner.scan_arrow(pa.table({"text": [1]}))
    for wrong in [None, 3, "text", ["text"], {"text": ["a"]}]:
        with pytest.raises(TypeError, match="a table is wanted"):
            scanner.scan_arrow(wrong)

    class Broken:
        def __arrow_c_stream__(self, requested_schema=None):
            raise ZeroDivisionError("mine")

    class NoCapsule:
        def __arrow_c_stream__(self, requested_schema=None):
            return 3

    with pytest.raises(ZeroDivisionError):
        scanner.scan_arrow(Broken())
    with pytest.raises(Exception):
        scanner.scan_arrow(NoCapsule())

    def batches():
        yield pa.RecordBatch.from_pydict({"text": ["a"]})
        raise ZeroDivisionError("mine")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"text": pa.string()}), batches())
    with pytest.raises(nagalm.InputError, match="cannot be read"):
        scanner.scan_arrow(reader)


def test_the_index_of_pandas_is_no_field():
    frame = pd.DataFrame(WORKS)[["work_id", "text"]]
    registry = nagalm.Registry.from_works(frame[frame.work_id == "mill"])
    assert set(registry["mill"]) == {"work_id", "text"}
