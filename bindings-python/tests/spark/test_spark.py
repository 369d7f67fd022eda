"""Real Spark, two workers in processes of their own: the same reports as without it, whatever happens to rows and workers."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys

import nagalm
import pyarrow as pa
import pytest
from conftest import COPY, ROOT, WORKS


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A session that every test shares: starting one takes as long as most of them."""
    folder = tmp_path_factory.mktemp("spark")
    # Read by Spark's own processes when they start. Nothing listens to anyone else.
    os.environ.update(
        SPARK_WORKER_DIR=str(folder / "workers"),
        SPARK_LOCAL_DIRS=str(folder / "local"),
        SPARK_LOCAL_IP="127.0.0.1",
        SPARK_LOCAL_HOSTNAME="localhost",
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
    )
    from pyspark.sql import SparkSession

    options = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # A job that is to fail does so sooner.
        "spark.task.maxFailures": "2",
        "spark.sql.shuffle.partitions": "2",
        # Small, so that there are many.
        "spark.sql.execution.arrow.maxRecordsPerBatch": "20",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    session = SparkSession.builder.master("local-cluster[2,1,1024]").appName("nagalm").config(map=options).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def sample(name):
    lines = (ROOT / "corpora/sample" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def world():
    """Works out of a small vocabulary that share phrases, and texts that copy and change them; the sample of the project."""
    rng = random.Random(5)
    vocabulary = [f"{rng.choice(['ka', 'lo', 'mi', 'nu', 'te'])}{n}" for n in range(3000)]

    def words(count):
        return [vocabulary[int(len(vocabulary) ** rng.random()) % len(vocabulary)] for _ in range(count)]

    phrases = [words(rng.randrange(6, 26)) for _ in range(30)]
    works = [words(50) + rng.choice(phrases) + words(50) for _ in range(300)]
    texts = []
    for number in range(100):
        text = words(20)
        for _ in range(rng.randrange(4)):
            work = rng.choice(works)
            start = rng.randrange(len(work) - 30)
            passage = work[start : start + 30]
            if rng.random() < 0.5:
                passage[7::7] = ["other"] * len(passage[7::7])
            text += passage + words(10)
        # Some with their letters apart.
        texts.append(" ".join("".join(text) if number % 20 == 0 else text))
    works = [{"work_id": str(number), "title": f"No. {number}", "text": " ".join(work)} for number, work in enumerate(works)]
    works = [*WORKS, *sample("works.jsonl"), *works]
    return works, [COPY, "", "nothing of note", *[output["text"] for output in sample("outputs.jsonl")], *texts]


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """On disk, in two segments."""
    works, _ = world()
    registry = nagalm.Registry.create(tmp_path_factory.mktemp("registry") / "songs.nagalm", works[:200])
    registry.add(works[200:])
    return registry


@pytest.fixture(scope="session")
def tables(registry, tmp_path_factory):
    """The registry's tables."""
    folder = tmp_path_factory.mktemp("tables") / "songs.tables"
    registry.export_tables(folder)
    return folder


@pytest.fixture(scope="session")
def outputs(spark):
    """The texts, numbered, in several partitions."""
    _, texts = world()
    rows = [(f"output {number}", text) for number, text in enumerate(texts)]
    return spark.createDataFrame(rows, "id string, output string").repartition(3).cache()


def collected(df):
    """The rows by `id`, as JSON: null is what a report leaves out."""
    rows = [json.loads(line) for line in df.toJSON().collect()]
    by_id = {row["id"]: row for row in rows}
    assert len(by_id) == len(rows), "an id that came back twice"
    return by_id


def expected(registry, texts, **settings):
    """What a scanner says of these texts, in the same form."""
    scanner = nagalm.Scanner(registry, **settings)
    rows = {}
    for number, text in enumerate(texts):
        report = scanner.scan(text).to_dict()
        row = {"id": f"output {number}"}
        for name in ["complete", "not_searched", "text_sha256", "coverage", "matches", "works", "sealed"]:
            if name in report:
                row[name] = report[name]
        rows[row["id"]] = {"not_searched": [], **row}
    return rows


def test_reports_are_those_of_a_scanner_and_of_the_command_line(outputs, registry, tmp_path):
    import nagalm.spark

    _, texts = world()
    found = collected(outputs.mapInArrow(nagalm.spark.scan(registry.path, text="output"), nagalm.spark.SCHEMA))
    assert found == expected(registry, texts)
    assert sum(bool(row["matches"]) for row in found.values()) > 60
    lines = "".join(json.dumps({"id": f"output {n}", "text": text}) + "\n" for n, text in enumerate(texts))
    (tmp_path / "outputs.jsonl").write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "nagalm", "scan", registry.path, tmp_path / "outputs.jsonl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    reports = map(json.loads, done.stdout.splitlines())
    assert {report["id"]: report["matches"] for report in reports} == {id: row["matches"] for id, row in found.items()}


def test_settings_and_rows_by_match(outputs, registry):
    import nagalm.spark

    scan = nagalm.spark.scan(registry.path, text="output", explode=True, quote=False, verbatim_only=True)
    df = outputs.mapInArrow(scan, nagalm.spark.schema(explode=True))
    rows = sorted((row["id"], row["work_id"], row["output_start"], row["kind"], row["output_text"]) for row in df.where("work_id is not null").collect())
    scanner = nagalm.Scanner(registry, verbatim_only=True)
    _, texts = world()
    matches = [(f"output {n}", m.work_id, m.output.start, m.kind, None) for n, text in enumerate(texts) for m in scanner.scan(text).matches]
    assert rows == sorted(matches) and len(rows) > 60


def test_columns_that_are_kept(spark, registry, tables):
    import nagalm.spark

    rows = [(n, COPY if n % 3 == 0 else "nothing", f"mine {n}", [n, n + 1]) for n in range(20)]
    df = spark.createDataFrame(rows, "number long, `the text` string, error string, list array<int>")
    keep = ["number", "error", "the text", "list"]
    schema = nagalm.spark.schema(df, keep=keep)
    assert schema.names[:4] == ["number", "input_error", "the text", "list"] and schema["number"].dataType.typeName() == "long"
    shared = df.mapInArrow(nagalm.spark.scan(registry.path, text="the text", keep=keep), schema)
    joined = nagalm.spark.scan_joined(df, str(tables), text="the text", keep=keep, chunk=6)
    for found in [shared, joined]:
        found = sorted(found.collect(), key=lambda row: row["number"])
        assert [(row["number"], row["the text"], row["input_error"], row["list"]) for row in found] == rows
        assert [row["matches"][0]["work_id"] if row["matches"] else None for row in found] == ["ferry" if n % 3 == 0 else None for n in range(20)]
    with pytest.raises(ValueError, match="nope"):
        nagalm.spark.schema(df, keep=["nope"])
    with pytest.raises(ValueError, match="df is needed"):
        nagalm.spark.schema(keep=keep)


@pytest.mark.parametrize("chunk", [7, 500])
def test_joined_reports_are_the_same(outputs, registry, tables, chunk):
    import nagalm.spark

    _, texts = world()
    joined = nagalm.spark.scan_joined(outputs, str(tables), text="output", chunk=chunk)
    assert joined.schema == nagalm.spark.SCHEMA
    found = collected(joined)
    assert found == collected(outputs.mapInArrow(nagalm.spark.scan(registry.path, text="output"), nagalm.spark.SCHEMA))
    assert found == expected(registry, texts)


def test_rows_that_fail_come_back(spark, registry, tables):
    import nagalm.spark

    df = spark.createDataFrame([("null", None), (None, "nothing"), ("good", COPY)], "id string, output string")
    # Bytes that are no UTF-8: Spark takes them for a text.
    df = df.union(spark.sql("SELECT 'broken' AS id, CAST(X'6162fffe' AS STRING) AS output")).repartition(2)
    shared = df.mapInArrow(nagalm.spark.scan(registry.path, text="output"), nagalm.spark.SCHEMA)
    joined = nagalm.spark.scan_joined(df, str(tables), text="output", chunk=2)
    for found in [shared, joined]:
        rows = {row["id"]: row for row in found.collect()}
        assert len(rows) == 4
        assert rows["null"]["error"] == "the text is null" and rows["null"]["matches"] is None
        assert rows["broken"]["error"].startswith("not UTF-8") and rows["broken"]["matches"] is None
        assert rows[None]["error"] is None and rows[None]["matches"] == []
        assert rows["good"]["error"] is None and rows["good"]["matches"][0]["work_id"] == "ferry"


def test_ids_that_are_numbers_or_missing(spark, registry, tables):
    import nagalm.spark

    df = spark.range(30).selectExpr("id", f"'{COPY.split(chr(10))[0][8:]}' as text")
    for frame, ids in [(df, [str(n) for n in range(30)]), (df.drop("id"), [None] * 30)]:
        shared = frame.mapInArrow(nagalm.spark.scan(registry.path), nagalm.spark.SCHEMA)
        for found in [shared, nagalm.spark.scan_joined(frame, str(tables), chunk=10)]:
            found = found.select("id", "matches.work_id").collect()
            assert sorted((row["id"] for row in found), key=str) == sorted(ids, key=str)
            assert all(row["work_id"] == ["ferry"] for row in found)


def test_a_column_that_is_no_text(spark, registry, tables):
    import nagalm.spark

    df = spark.createDataFrame([(1, 2)], "id long, output long")
    with pytest.raises(Exception, match="holds Int64, not text"):
        df.mapInArrow(nagalm.spark.scan(registry.path, text="output"), nagalm.spark.SCHEMA).collect()
    with pytest.raises(Exception, match="holds Int64, not text"):
        nagalm.spark.scan_joined(df, str(tables), text="output").collect()


def test_a_killed_worker_loses_nothing(outputs, registry, tmp_path):
    import nagalm.spark

    scan = nagalm.spark.scan(registry.path, text="output")
    flag = tmp_path / "killed"

    def killed_once(batches):
        for number, batch in enumerate(batches):
            if number == 1:
                try:
                    flag.touch(exist_ok=False)
                except FileExistsError:
                    pass
                else:
                    os.kill(os.getpid(), signal.SIGKILL)
            yield from scan(iter([batch]))

    _, texts = world()
    assert collected(outputs.mapInArrow(killed_once, nagalm.spark.SCHEMA)) == expected(registry, texts)
    assert flag.exists(), "nobody was killed"


def test_a_registry_that_changed_is_refused(outputs, registry, tmp_path):
    import nagalm.spark

    path = tmp_path / "changing.nagalm"
    changing = nagalm.Registry.create(path, WORKS)
    scan = nagalm.spark.scan(path, text="output")
    changing.add([{"work_id": "new", "text": "one more work that nobody has seen before this very day"}])
    with pytest.raises(Exception, match="not the one that the driver saw"):
        outputs.mapInArrow(scan, nagalm.spark.SCHEMA).collect()
    scan = nagalm.spark.scan(path, text="output")
    assert outputs.mapInArrow(scan, nagalm.spark.SCHEMA).where("error is not null").count() == 0


def test_a_registry_that_is_sent(spark, outputs, registry, tmp_path):
    import nagalm.spark

    _, texts = world()
    copy = tmp_path / "sent.nagalm"
    shutil.copytree(registry.path, copy)
    nagalm.spark.ship(spark, copy)
    shutil.rmtree(copy)
    assert collected(outputs.mapInArrow(nagalm.spark.scan(copy, text="output"), nagalm.spark.SCHEMA)) == expected(registry, texts)


def test_a_sealed_file_that_is_sent(spark, tmp_path):
    import nagalm.spark

    key = nagalm.SealKey.generate("Society of Songs")
    # Only long copies are matches under every key.
    text = " ".join(f"word{n * n % 101}x{n}" for n in range(200))
    sealed = nagalm.Registry.from_works([*WORKS, {"work_id": "long", "text": text}]).seal(key, recipient="A Lab", release="2026-11", profile="contract")
    (tmp_path / "lab.sealed").write_bytes(sealed.data)
    spark.sparkContext.addFile(str(tmp_path / "lab.sealed"))
    with pytest.raises(nagalm.UntrustedError):
        nagalm.spark.scan("lab.sealed", text="output", trust=["ab" * 32])
    scan = nagalm.spark.scan("lab.sealed", text="output", trust=[key.public_key])
    outputs = spark.createDataFrame([("copy", text), ("none", "nothing of note")], "id string, output string")
    rows = outputs.mapInArrow(scan, nagalm.spark.SCHEMA).where("size(sealed.matches) > 0").collect()
    assert [row["id"] for row in rows] == ["copy"]


def test_what_is_wrong_is_said_at_once(outputs, registry, tables, tmp_path):
    import nagalm.spark

    with pytest.raises(nagalm.NotFoundError):
        nagalm.spark.scan(tmp_path / "nowhere.nagalm")
    with pytest.raises(nagalm.InputError, match="max_evalue"):
        nagalm.spark.scan(registry.path, max_evalue=0)
    with pytest.raises(TypeError):
        nagalm.spark.scan(registry.path, nope=1)
    with pytest.raises(TypeError):
        nagalm.spark.scan_joined(outputs, str(tables), nope=1)
    with pytest.raises(ValueError, match="chunk"):
        nagalm.spark.scan_joined(outputs, str(tables), chunk=0)


def test_a_worker_opens_a_registry_once(outputs, registry):
    import nagalm.spark

    scan = nagalm.spark.scan(registry.path, text="output")

    def count(batches):
        import nagalm.spark

        opened = []
        whole = nagalm.spark.Registry

        class Counting:
            @staticmethod
            def open(*arguments, **options):
                opened.append(os.getpid())
                return whole.open(*arguments, **options)

        nagalm.spark.Registry = Counting
        try:
            for batch in batches:
                rows = sum(found.num_rows for found in scan(iter([batch])))
                yield pa.RecordBatch.from_pydict({"rows": [rows], "opened": [len(opened)], "process": [os.getpid()]})
        finally:
            nagalm.spark.Registry = whole

    rows = outputs.mapInArrow(count, "rows long, opened long, process long").collect()
    assert sum(row["rows"] for row in rows) == outputs.count()
    processes = {row["process"] for row in rows}
    assert len(rows) > len(processes) and all(row["opened"] <= 1 for row in rows)
