"""Throughput of Spark on two cores (`nagalm.spark.scan` in `local-cluster[2,1,…]`) against the command line on two cores: the same
Parquet file in, Parquet out, the same matches or it ends. Start-up is told apart: the command line's is what it takes for one text,
Spark is warmed up first. Both are timed in turns, so that other work on the machine slows both. Of the texts
the first 30,000 (60 MB) are distinct, after that they come again under other names: nothing remembers a text.

    maturin build --release, and pip install the wheel, pyspark and "pandas<3"; Java 17
    python benches/spark.py [--megabytes 20] [--works 10000] [--times 3] [--records 2000] [--no-quote] [--joined]

The goal is 80% of the command line at `--megabytes 1000`. With `--joined` the tables of the registry are made and `scan_joined` is
timed, too, once.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nagalm
import nagalm.spark
import pyarrow as pa
import pyarrow.parquet as pq
from throughput import CHARACTERS, vocabulary

CORES = 2
ROWS = 2000
DISTINCT = 30_000


def workload(count):
    """Works of 1,000 characters, and a function that gives texts of 2,000, a fifth of which repeat a passage of a work."""
    rng = random.Random(20261128)
    words, weights = vocabulary(rng)

    def text(characters):
        return " ".join(rng.choices(words, weights, k=characters // 3))[:characters]

    works = [{"work_id": f"w{number}", "text": text(1000)} for number in range(count)]

    def output(number):
        body = text(CHARACTERS)
        if number % 5 == 0:
            work = rng.choice(works)
            start = work["text"].index(" ", rng.randrange(500)) + 1
            passage = work["text"][start : start + 300].rsplit(" ", 1)[0]
            at = rng.randrange(CHARACTERS - 400)
            body = f"{body[:at]} {passage} {body[at + len(passage) + 2 :]}"
        return body

    return works, output


def write(path, texts, output, distinct=DISTINCT):
    """The texts as a Parquet file with many row groups; after some they come again, as making them takes longer than scanning."""
    blocks = []
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    size = 0
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for start in range(0, texts, ROWS):
            numbers = range(start, min(texts, start + ROWS))
            if len(blocks) * ROWS < distinct:
                blocks.append([output(number) for number in numbers])
            bodies = blocks[start // ROWS % len(blocks)][: len(numbers)]
            size += sum(len(body.encode()) for body in bodies)
            writer.write_table(pa.table({"id": [str(number) for number in numbers], "text": bodies}, schema))
    return size


def matches(path):
    """What was found: the work and the place of every match, by output."""
    table = pq.read_table(path, columns=["id", "matches"])
    found = {}
    for row in zip(table["id"].to_pylist(), table["matches"].to_pylist(), strict=True):
        found[row[0]] = [(match["work_id"], match["output"]["start"], match["output"]["end"]) for match in row[1]]
    return found


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def processor_time():
    """Seconds of processor time that this process, those that it started, and theirs took; those that ended, too. Linux."""
    spent, parents = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:  # It ended meanwhile.
            continue
        parents[int(entry.name)] = int(fields[1])
        spent[int(entry.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def ours(process):
        while process and process != os.getpid():
            process = parents.get(process, 0)
        return bool(process)

    return sum(seconds for process, seconds in spent.items() if ours(process))


def session(folder, size):
    """A cluster of two workers with a core each."""
    os.environ.update(
        SPARK_WORKER_DIR=f"{folder}/workers",
        SPARK_LOCAL_DIRS=f"{folder}/local",
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
    )
    from pyspark.sql import SparkSession

    # Tasks of a few seconds, and some for each core, so that both end at about the same time.
    part = max(4 << 20, min(64 << 20, size // (4 * CORES)))
    options = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.executorEnv.PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "spark.sql.files.maxPartitionBytes": str(part),
        "spark.sql.files.openCostInBytes": "0",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
    }
    builder = SparkSession.builder.master(f"local-cluster[{CORES},1,1536]").config("spark.executor.memory", "1536m")
    spark = builder.config(map=options).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=20)
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--records", type=int, default=2000, help="spark.sql.execution.arrow.maxRecordsPerBatch")
    parser.add_argument("--no-quote", action="store_true")
    parser.add_argument("--joined", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        works, output = workload(options.works)
        registry = f"{folder}/works.nagalm"
        info = nagalm.Registry.create(registry, works).info()
        disk = sum(path.stat().st_size for path in Path(registry).rglob("*") if path.is_file())
        print(
            f"registry: {info.works:,} works of {info.text_bytes / info.works:,.0f} bytes and {info.words / info.works:.0f} words; of each, "
            f"{disk / info.works:,.0f} bytes on disk, {info.index_bytes / info.works:,.0f} bytes of index"
        )
        outputs, one = f"{folder}/outputs.parquet", f"{folder}/one.parquet"
        size = write(outputs, max(1, options.megabytes * 1_000_000 // CHARACTERS), output)
        write(one, 1, output)
        print(f"{size / 1e6:.0f} MB of outputs, {options.works:,} works; load before: {os.getloadavg()[0]:.1f}", flush=True)

        def by_command(source, target):
            command = [sys.executable, "-m", "nagalm", "scan", registry, source, "-o", target]
            command += ["--no-quote"] * options.no_quote
            code = subprocess.run(command, env={**os.environ, "RAYON_NUM_THREADS": str(CORES)}, check=False).returncode
            assert code in (0, 1), code

        spark = session(folder, os.path.getsize(outputs))
        spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", options.records)
        scan = nagalm.spark.scan(registry, quote=not options.no_quote)

        def by_spark(source, target):
            found = spark.read.parquet(source).mapInArrow(scan, nagalm.spark.SCHEMA)
            found.write.mode("overwrite").parquet(target)

        # Both executors, their Python workers, the code that Spark compiles.
        warm = f"{folder}/warm.parquet"
        write(warm, 4 * ROWS, output)
        for _ in range(2):
            by_spark(warm, f"{folder}/warm.found")
        rates = {"command line": [], "Spark": []}
        for turn in range(options.times):
            spent = [processor_time()]
            start_up = min(timed(lambda: by_command(one, f"{folder}/one.found.parquet")) for _ in range(3))
            spent.append(processor_time())
            command = timed(lambda: by_command(outputs, f"{folder}/command.parquet"))
            spent.append(processor_time())
            spark_took = timed(lambda: by_spark(outputs, f"{folder}/spark.found"))
            spent.append(processor_time())
            rates["command line"].append(size / 1e6 / (command - start_up))
            rates["Spark"].append(size / 1e6 / spark_took)
            ratio = rates["Spark"][-1] / rates["command line"][-1]
            print(
                f"  turn {turn + 1}: command line {rates['command line'][-1]:.1f} MB/s (and {start_up:.2f} s of start-up), "
                f"Spark {rates['Spark'][-1]:.1f} MB/s, ratio {ratio:.0%}, load {os.getloadavg()[0]:.1f}; processor time: command line "
                f"{spent[2] - spent[1]:.1f} s, Spark {spent[3] - spent[2]:.1f} s",
                flush=True,
            )
        expected = matches(f"{folder}/command.parquet")
        assert matches(f"{folder}/spark.found") == expected, "Spark finds something else"
        middle = {name: statistics.median(rate) for name, rate in rates.items()}
        ratio = statistics.median(b / a for a, b in zip(rates["command line"], rates["Spark"], strict=True))
        reached = "" if ratio >= 0.8 else "   NOT REACHED"
        print(f"{sum(map(len, expected.values())):,} matches, the same; {os.cpu_count()} cores")
        for name, rate in middle.items():
            print(f"  {name}: {rate:.1f} MB/s, {rate * 1e6 / CHARACTERS * 3600 / CORES / 1e6:.1f} million outputs a core and hour")
        print(f"Spark against the command line, median of the turns' ratios (goal: 80%): {ratio:.0%}{reached}")
        if options.joined:
            tables = f"{folder}/works.tables"
            took = timed(lambda: nagalm.Registry.open(registry).export_tables(tables))
            print(f"tables written in {took:.1f} s:", {path.name: path.stat().st_size for path in sorted(Path(tables).iterdir())})

            def joined():
                rows = nagalm.spark.scan_joined(spark.read.parquet(outputs), tables, quote=not options.no_quote)
                rows.write.mode("overwrite").parquet(f"{folder}/joined.found")

            took = timed(joined)
            assert matches(f"{folder}/joined.found") == expected, "the joined scan finds something else"
            print(f"joined: {size / 1e6 / took:.1f} MB/s, the same matches")
        spark.stop()
    sys.exit(ratio < 0.8)


if __name__ == "__main__":
    main()
