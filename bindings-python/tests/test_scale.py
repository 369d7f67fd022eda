"""A registry as tables: written, asked, and made into excerpts that report what the whole reports."""

import nagalm
import pyarrow as pa
import pyarrow.parquet
import pytest
from conftest import COPY, WORKS

TEXTS = [COPY, "nothing of note", "", WORKS[1]["text"].upper()]


@pytest.fixture
def tables(memory, tmp_path):
    """The folder of tables."""
    memory.export_tables(tmp_path / "tables")
    return tmp_path / "tables"


def read(tables, name):
    return pa.parquet.read_table(tables / f"{name}.parquet")


def test_the_tables(memory, tables):
    assert sorted(path.name for path in tables.iterdir()) == ["seeds.parquet", "statistics.bin", "works.parquet"]
    works, seeds = read(tables, "works"), read(tables, "seeds")
    assert works.schema == pa.schema([("number", pa.int64()), ("work_id", pa.string()), ("title", pa.string()), ("text", pa.string())])
    assert seeds.schema == pa.schema([("key", pa.int64()), ("work", pa.int64()), ("word", pa.int32())])
    found = {row["work_id"]: (row["title"], row["text"]) for row in works.to_pylist()}
    assert found == {work["work_id"]: (work.get("title"), work["text"]) for work in WORKS}
    assert set(seeds["work"].to_pylist()) <= {None, *works["number"].to_pylist()} and seeds.num_rows > 30
    statistics = nagalm.Statistics.from_bytes((tables / "statistics.bin").read_bytes())
    assert statistics.content_hash == memory.content_hash and "works=2" in repr(statistics)
    assert statistics.to_bytes() == memory.statistics().to_bytes()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_an_excerpt_reports_what_the_whole_reports(scanner, memory, tables, kind):
    statistics = memory.statistics()
    asked = pa.table(statistics.grams(pa.table({"output": pa.array(TEXTS).cast(kind)}), text="output"))
    assert asked.schema == pa.schema([("keys", pa.list_(pa.int64()))])
    works, seeds = read(tables, "works"), read(tables, "seeds")
    for keys, text in zip(asked["keys"].to_pylist(), TEXTS, strict=True):
        assert keys == sorted(set(keys))
        found = seeds.filter(pa.compute.is_in(seeds["key"], pa.array(keys, pa.int64())))
        wanted = works.filter(pa.compute.is_in(works["number"], found["work"].combine_chunks()))
        wanted = wanted.set_column(3, "text", wanted["text"].cast(kind))
        excerpt = statistics.excerpt(wanted, found.select(["word", "key", "work"]))
        assert excerpt.content_hash == memory.content_hash and excerpt.path is None
        assert nagalm.Scanner(excerpt).scan(text).json() == scanner.scan(text).json()


def test_texts_that_ask_for_nothing(memory):
    bad = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"ab\xff\xfe"))
    statistics = memory.statistics()
    assert pa.table(statistics.grams(pa.table({"text": bad})))["keys"].null_count == 1
    assert pa.table(statistics.grams(pa.table({"text": [None, "x", ""]})))["keys"].to_pylist() == [None, [], []]
    assert statistics.grams(pa.table({"text": pa.array([], pa.string())})).num_rows == 0


def test_what_is_refused(memory, folder, tables, tmp_path):
    with pytest.raises(nagalm.ExistsError):
        memory.export_tables(tables)
    with pytest.raises(nagalm.IoError):
        memory.export_tables(tmp_path / "no" / "where")
    registry = nagalm.Registry.open(folder)
    registry.withdraw("mill")
    with pytest.raises(nagalm.InputError, match="compact it first"):
        registry.export_tables(tmp_path / "withdrawn")
    with pytest.raises(nagalm.InputError, match="compact it first"):
        registry.statistics()
    assert not (tmp_path / "withdrawn").exists() and not list(tmp_path.glob(".nagalm-*"))
    registry.compact()
    registry.export_tables(tmp_path / "withdrawn")
    assert read(tmp_path / "withdrawn", "works")["work_id"].to_pylist() == ["ferry"]
    data = memory.statistics().to_bytes()
    for broken in [b"", data[:50], data[:-1], data[:40] + b"\0" + data[41:]]:
        with pytest.raises(nagalm.CorruptError):
            nagalm.Statistics.from_bytes(broken)


def test_rows_that_do_not_fit(memory, tables):
    statistics = memory.statistics()
    works, seeds = read(tables, "works"), read(tables, "seeds")
    with pytest.raises(KeyError, match="number"):
        statistics.excerpt(seeds, seeds)
    with pytest.raises(TypeError, match='"word" holds Int64, not Int32'):
        statistics.excerpt(works, seeds.set_column(2, "word", seeds["word"].cast(pa.int64())))
    with pytest.raises(TypeError, match="a table is wanted"):
        statistics.excerpt([], seeds)
    with pytest.raises(nagalm.InputError, match="twice"):
        statistics.excerpt(pa.concat_tables([works, works]), seeds)
    with pytest.raises(nagalm.InputError, match="no number"):
        statistics.excerpt(works.set_column(0, "number", pa.nulls(len(works), pa.int64())), seeds)
    with pytest.raises(nagalm.InputError, match="no key"):
        statistics.excerpt(works, seeds.set_column(0, "key", pa.nulls(len(seeds), pa.int64())))
    for number in [-1, 2**62]:
        other = works.set_column(0, "number", pa.array([number] * len(works), pa.int64()))
        with pytest.raises(nagalm.InputError):
            statistics.excerpt(other.slice(0, 1), seeds)
    for column, value in [("key", -1), ("key", 2**62), ("word", -1), ("word", 2**31 - 1), ("work", -1)]:
        at = seeds.column_names.index(column)
        other = seeds.set_column(at, column, pa.array([value] * len(seeds), seeds[column].type))
        with pytest.raises(nagalm.InputError):
            statistics.excerpt(works, other)
    with pytest.raises(KeyError, match="text"):
        statistics.grams(seeds)
    with pytest.raises(TypeError, match="not text"):
        statistics.grams(seeds, text="key")
