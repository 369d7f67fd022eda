"""Scans a DataFrame of PySpark (4.0 or later, which brings pyarrow), on as many machines as Spark has.

Where a registry fits a machine, each Python worker opens it once:

    import nagalm.spark
    found = outputs.mapInArrow(nagalm.spark.scan("/mnt/songs.nagalm", text="output"), nagalm.spark.SCHEMA)

Where it does not, Spark joins the outputs with the registry's tables (``Registry.export_tables``), and the reports are the same:

    found = nagalm.spark.scan_joined(outputs, "/mnt/songs.tables", text="output")

A row that cannot be scanned comes back with the reason in its column ``error``, and the job goes on. ``docs/scale-out.md`` says when
to use which, and how large machines have to be.
"""

import atexit
import os
import shutil
import tarfile
import tempfile
from collections import OrderedDict

import pyarrow as pa  # type: ignore
import pyarrow.compute as pc  # type: ignore
from pyspark import SparkContext, SparkFiles, TaskContext  # type: ignore
from pyspark.sql import functions as F  # type: ignore
from pyspark.sql import types as T  # type: ignore
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema  # type: ignore

from nagalm._native import Registry, Scanner, Statistics
from nagalm.errors import ChangedError

__all__ = ["SCHEMA", "scan", "scan_joined", "schema", "ship"]


def schema(df=None, *, keep=None, explode=False):
    """The schema of what `scan` gives: the columns that it keeps, then those of `Scanner.scan_arrow`.

    `keep` and `explode` are those given to `scan`; with `keep`, `df` is the DataFrame that is scanned, for the columns' types.

    Raises ValueError where `df` has no such column, or is missing.
    """
    if keep is None:
        kept = T.StructType([T.StructField("id", T.StringType())])
    elif df is None:
        raise ValueError("with keep, df is needed, too: it has the columns' types")
    else:
        missing = [name for name in keep if name not in df.columns]
        if missing:
            raise ValueError(f"there are no columns {missing} in {df.columns}")
        kept = T.StructType([df.schema[name] for name in keep])
    # Whatever a scan makes of these columns: names that are the report's own become others.
    rows = to_arrow_schema(kept).empty_table().append_column(_TEXT, pa.array([], pa.string()))
    made = pa.table(Scanner(Registry.in_memory()).scan_arrow(rows, text=_TEXT, explode=explode)).schema
    fields = [T.StructField(made.names[at], field.dataType) for at, field in enumerate(kept)]
    return T.StructType(fields + from_arrow_schema(pa.schema(list(made)[len(kept) + 1 :])).fields)


def scan(registry, *, text="text", id="id", keep=None, explode=False, content_hash=None, **settings):
    """A function for ``df.mapInArrow(nagalm.spark.scan(...), nagalm.spark.SCHEMA)``: scans the column `text` against a registry
    that fits a machine.

    `registry` is the path of a folder or a sealed file, in one of three places: on a mount that all machines share; the last part of
    what was given to ``SparkContext.addFile(path, recursive=True)`` or ``addArchive``; or of what `ship` sent. Each Python worker
    maps it once (``Registry.open(mapped=True)``), and refuses it (ChangedError) unless its content hash is the one that this call
    sees, or `content_hash` where the driver cannot open it. Nobody may write to it meanwhile.

    The result has the column `id` as a string (null where there is none) and a report's columns, which is `SCHEMA`; or, with
    `keep`, these columns as they are, and the schema is ``schema(df, keep=keep)``. With `explode` it has one row a match
    (``schema(explode=True)``). `settings` are those of `Scanner`.

    A task scans on as many threads as ``spark.task.cpus`` says. Raises what ``Registry.open`` and ``Scanner`` raise.
    """
    path = os.path.abspath(registry)
    name = os.path.basename(path)
    sent = _sent(name)
    trusted = {option: settings.pop(option) for option in ("trust", "unverified") if option in settings}
    if content_hash is None:
        here = SparkFiles.get(name) if sent and not os.path.exists(path) else path
        content_hash = Registry.open(here, mapped=True, **trusted).content_hash
    # What is wrong with the settings is wrong here, not on a machine far away.
    Scanner(Registry.in_memory(), **settings)
    columns = _Columns(text, id, keep, explode)
    return _Scan(columns, _Place(path, name if sent else None, content_hash, trusted), settings)


def ship(spark, registry):
    """Sends a copy of a registry to all machines of a running session; then ``scan(registry)`` finds it there.

    It is sent as an archive: Spark's ``addFile`` takes no folder of the driver's own disk. Each machine needs room for it twice.
    """
    path = os.path.abspath(registry)
    folder = tempfile.mkdtemp(prefix="nagalm-")
    # Machines fetch it as long as the session lives.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    name = os.path.basename(path)
    archive = os.path.join(folder, f"{name}.tar")
    with tarfile.open(archive, "w") as tar:
        # One by one: Spark refuses an archive that has an entry for its root.
        for entry in sorted(os.listdir(path)):
            tar.add(os.path.join(path, entry), arcname=entry)
    spark.sparkContext.addArchive(f"{archive}#{name}")


def scan_joined(df, tables, *, text="text", id="id", keep=None, explode=False, chunk=500, **settings):
    """Scans the column `text` of `df` against the tables of a registry: for one that fits no machine. A DataFrame, with the columns
    and reports that `scan` gives, in no order.

    `tables` is the folder that ``Registry.export_tables`` wrote, wherever Spark can read it. Outputs are put into chunks of about
    `chunk`; Spark finds the seeds and works that each chunk asks for, and one Python worker makes an excerpt of the registry of
    them and scans the chunk.

    `df` is counted at once, and read twice when the result is: what it gives must not change in between; write it first where it is
    dear or made by chance. Raises what reading the statistics raises, and ValueError for a `chunk` below 1.
    """
    if chunk < 1:
        raise ValueError("a chunk has at least one output")
    spark = df.sparkSession
    read = spark.read.parquet
    statistics = _read_bytes(spark, f"{tables}/statistics.bin")
    content_hash = Statistics.from_bytes(statistics).content_hash
    Scanner(Registry.in_memory(), **settings)
    columns = _Columns(text, id, keep, explode)
    made = schema(df, keep=keep, explode=explode)
    held = _Broadcast(spark.sparkContext.broadcast(statistics), content_hash)

    # By their content: a task that is done again puts them into the same chunks.
    chunks = max(1, -(-df.count() // chunk))
    texts = df.withColumn(_CHUNK, F.pmod(F.xxhash64(F.col(_quoted(text)), *columns.salt(df)), F.lit(chunks)).cast("long"))
    asked = (
        texts.select(_CHUNK, F.col(_quoted(text)).alias(_TEXT))
        .mapInArrow(_Keys(held), "chunk long, key long")
        .groupBy("key")
        .agg(F.collect_set("chunk").alias("chunks"))
    )
    seeds = (
        read(f"{tables}/seeds.parquet")
        .join(asked, "key")
        .select(F.explode("chunks").alias(_CHUNK), "key", "work", "word")
    )
    works = (
        seeds.where("work is not null")
        .select(_CHUNK, F.col("work").alias("number"))
        .distinct()
        .join(read(f"{tables}/works.parquet"), "number")
    )
    # All that a chunk needs as rows of one table: a column for the outputs, one for the works, one for the seeds.
    kinds = {
        "row": texts.select(_CHUNK, F.struct(*[F.col(_quoted(name)) for name in columns.needed(df.columns)]).alias("row")),
        "of_work": works.select(_CHUNK, F.struct("number", "work_id", "title", "text").alias("of_work")),
        "of_seed": seeds.select(_CHUNK, F.struct("key", "work", "word").alias("of_seed")),
    }
    together = None
    for part in kinds.values():
        together = part if together is None else together.unionByName(part, allowMissingColumns=True)
    scan_chunk = _ScanChunk(columns, held, settings)
    # Spark counts the parameters of what it is given: a function has one.
    return together.groupBy(_CHUNK).applyInArrow(lambda rows: scan_chunk(rows), made)


# Names of columns that are no user's.
_TEXT = "nagalm text"
_CHUNK = "nagalm chunk"


def _quoted(name):
    """A column's name as Spark reads it, dots and all."""
    return "`" + name.replace("`", "``") + "`"


def _sent(name):
    """Whether Spark sent something of this name to its machines."""
    context = SparkContext._active_spark_context
    if context is None:
        return False
    sent = [*context.listFiles, *context.listArchives]
    # An archive is unpacked under the name behind its #.
    return name in {address.rstrip("/").rsplit("#", 1)[-1].rsplit("/", 1)[-1] for address in sent}


def _read_bytes(spark, path):
    if os.path.exists(path):
        with open(path, "rb") as file:
            return file.read()
    return bytes(spark.read.format("binaryFile").load(path).select("content").head()[0])


class _Columns:
    """Which columns are read, scanned and given back."""

    def __init__(self, text, id, keep, explode):
        self.text, self.id, self.explode = text, id, explode
        self.keep = None if keep is None else list(keep)

    def needed(self, names):
        """The columns that are read."""
        kept = [self.id] * (self.id in names) if self.keep is None else self.keep
        return list(dict.fromkeys([*kept, self.text]))

    def salt(self, df):
        """What tells rows of the same text apart."""
        return [F.col(_quoted(self.id))] if self.id in df.columns else []

    def scan(self, scanner, table):
        """The kept columns of a table and the reports'."""
        if self.keep is not None:
            rows = table.select(self.keep)
        elif self.id in table.column_names:
            rows = pa.table({"id": table[self.id].cast(pa.string())})
        else:
            rows = pa.table({"id": pa.nulls(table.num_rows, pa.string())})
        kept = rows.num_columns
        rows = rows.append_column(_TEXT, table[self.text])
        found = pa.table(scanner.scan_arrow(rows, text=_TEXT, explode=self.explode))
        # The reason of the library's, or that there is nothing to scan.
        error = found.num_columns - 1
        why = pc.if_else(pc.is_null(found[_TEXT]), pa.scalar("the text is null"), found["error"])
        return found.set_column(error, "error", why).remove_column(kept)


class _Place:
    """Where a worker finds the registry, and which one it must be."""

    def __init__(self, path, sent, content_hash, trusted):
        self.path, self.sent, self.content_hash, self.trusted = path, sent, content_hash, trusted

    def open(self):
        path = SparkFiles.get(self.sent) if self.sent else self.path
        registry = Registry.open(path, mapped=True, **self.trusted)
        if registry.content_hash != self.content_hash:
            raise ChangedError(
                f"the registry {path} is not the one that the driver saw: its content hash is {registry.content_hash}, "
                f"there it was {self.content_hash}"
            )
        return registry


class _Scan:
    def __init__(self, columns, place, settings):
        self.columns, self.place, self.settings = columns, place, settings

    def __call__(self, batches):
        place, settings = self.place, self.settings
        key = ("scanner", place.path, place.content_hash, repr(settings))
        scanner = _once(key, lambda: Scanner(place.open(), **settings))
        for batch in batches:
            yield from self.columns.scan(scanner, pa.Table.from_batches([batch])).to_batches()


class _Broadcast:
    """Statistics that Spark brings to each worker."""

    def __init__(self, data, content_hash):
        self.data, self.content_hash = data, content_hash

    def get(self):
        return _once(("statistics", self.content_hash), lambda: Statistics.from_bytes(self.data.value))


class _Keys:
    """The keys that the texts of a chunk ask for, each once in a batch."""

    def __init__(self, held):
        self.held = held

    def __call__(self, batches):
        statistics = self.held.get()
        for batch in batches:
            keys = pa.table(statistics.grams(pa.Table.from_batches([batch]), text=_TEXT))["keys"].combine_chunks()
            chunks = batch.column(0).take(pc.list_parent_indices(keys))
            pairs = pa.table({"chunk": chunks, "key": pc.list_flatten(keys)})
            yield from pairs.group_by(["chunk", "key"]).aggregate([]).to_batches()


class _ScanChunk:
    """Scans the outputs of a chunk against an excerpt that has what they ask for."""

    def __init__(self, columns, held, settings):
        self.columns, self.held, self.settings = columns, held, settings

    def __call__(self, table):
        excerpt = self.held.get().excerpt(_rows(table, "of_work"), _rows(table, "of_seed"))
        return self.columns.scan(Scanner(excerpt, **self.settings), _rows(table, "row"))


def _rows(table, kind):
    """The rows of one kind, and its fields as columns."""
    column = table[kind]
    return pa.Table.from_struct_array(column.filter(pc.is_valid(column)))


# What this process opened. A registry that is mapped costs next to nothing to hold; statistics do.
_opened: OrderedDict[tuple, object] = OrderedDict()
_MOST_OPENED = 4


def _once(key, make):
    """What `make` made the first time that this process asked for it."""
    if key not in _opened:
        # Before the first scan starts threads: a machine's cores are shared by as many workers.
        task = TaskContext.get()
        os.environ.setdefault("RAYON_NUM_THREADS", str(task.cpus() if task else 1))
        while len(_opened) >= _MOST_OPENED:
            _opened.popitem(last=False)
        _opened[key] = make()
    _opened.move_to_end(key)
    return _opened[key]


#: The schema of what `scan` and `scan_joined` give where no columns are named: `id`, a string, and a report's columns.
SCHEMA = schema()
