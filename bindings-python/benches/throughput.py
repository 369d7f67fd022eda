"""What Python adds to the core: throughput of `scan_batch` and `scan_arrow` against the core's own `scan_batch`, the time that one
call of `scan` adds, the time of an import, the size of the wheel. Every answer is checked. Times are taken in turns, and medians
compared, so that a machine that others use says something, too.

    cargo build --release -p nagalm-python --example core_throughput
    maturin build --release --out ../target/wheels    # from bindings-python, and pip install the wheel
    python benches/throughput.py [--works 10000] [--texts 20000] [--every 5] [--times 7] [--wheel FILE]

Processor time is compared, too: it says nearly the same on a machine that others use. Exit code 1 where a goal is not reached.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nagalm
import pyarrow as pa

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path(__file__).resolve().parents[2] / "target"))
CORE = TARGET / "release/examples/core_throughput"
CHARACTERS = 2000
# How often the core scans all texts each time that it is started.
CORE_TIMES = 10


def vocabulary(rng):
    """Words that are as unevenly common as a language's."""
    syllables = [a + b for a in "bdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "ee", "ou", "an", "er", "in")]
    words = sorted({"".join(rng.choice(syllables) for _ in range(rng.choice((1, 2, 2, 3)))) for _ in range(20_000)})
    rng.shuffle(words)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    return words, weights


def workload(works, texts, every):
    """Works of 1,000 characters, and texts of 2,000, some of which repeat a passage of a work; and which."""
    rng = random.Random(20261128)
    words, weights = vocabulary(rng)

    def text(characters):
        return " ".join(rng.choices(words, weights, k=characters // 3))[:characters]

    registered = [{"work_id": f"w{n}", "text": text(1000)} for n in range(works)]
    outputs, planted = [], []
    for number in range(texts):
        body = text(CHARACTERS)
        if number % every == 0:
            work = rng.choice(registered)
            start = work["text"].index(" ", rng.randrange(500)) + 1
            passage = work["text"][start : start + 300].rsplit(" ", 1)[0]
            at = rng.randrange(CHARACTERS - 400)
            body = f"{body[:at]} {passage} {body[at + len(passage) + 2 :]}"
            planted.append((number, work["work_id"]))
        outputs.append(body)
    return registered, outputs, planted


def core(works, texts):
    """Some times of the core alone: seconds, processor seconds and matches of each."""
    command = [CORE, works, texts, str(1 + CORE_TIMES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    # The first time of a process takes memory from the system that later ones have.
    return [(float(seconds), float(processor), int(matches)) for seconds, processor, matches in lines[1:]]


def timed(work):
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--every", type=int, default=5, help="one text of so many repeats a passage")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--wheel", type=Path)
    options = parser.parse_args()
    missed = []

    def goal(what, value, reached):
        print(f"{what}: {value}{'' if reached else '   NOT REACHED'}")
        if not reached:
            missed.append(what)

    works, texts, planted = workload(options.works, options.texts, options.every)
    table = pa.table({"text": texts})
    scanner = nagalm.Scanner(nagalm.Registry.from_works(works))
    reports = list(scanner.scan_batch(texts))
    matches = sum(len(report.matches) for report in reports)
    for number, work_id in planted:
        assert work_id in {match.work_id for match in reports[number].matches}, f"text {number} repeats {work_id}"
    nested = pa.table(scanner.scan_arrow(table))["matches"].to_pylist()
    assert [len(found) for found in nested] == [len(report.matches) for report in reports]
    del reports, nested

    def batch():
        count = 0
        for report in scanner.scan_batch(texts):
            count += report.match_count
        return count

    def arrow():
        return scanner.scan_arrow(table)

    times = {"core": [], "scan_batch": [], "scan_arrow": []}
    processor = {"core": [], "scan_batch": [], "scan_arrow": []}
    with tempfile.TemporaryDirectory() as folder:
        work_file, text_file = Path(folder, "works.jsonl"), Path(folder, "texts.jsonl")
        work_file.write_text("".join(json.dumps(work) + "\n" for work in works), encoding="utf-8")
        lines = (json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts))
        text_file.write_text("".join(lines), encoding="utf-8")
        for _ in range(options.times):
            for seconds, taken, found in core(work_file, text_file):
                assert found == matches, "the core finds something else"
                times["core"].append(seconds)
                processor["core"].append(taken)
            for name, work, answer in [("scan_batch", batch, int), ("scan_arrow", arrow, len)] * 3:
                began = time.process_time()
                seconds, result = timed(work)
                assert answer(result) == (matches if work is batch else len(texts))
                times[name].append(seconds)
                processor[name].append(time.process_time() - began)

    size = sum(map(len, texts)) / 1e6
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"{len(works):,} works, {len(texts):,} texts of {CHARACTERS:,} characters, {matches:,} matches, {os.cpu_count()} cores")
    for name, taken in times.items():
        each = statistics.median(processor[name]) / len(texts) * 1e6
        print(f"  {name}: {size / middle[name]:.0f} MB/s (best {size / min(taken):.0f}), {each:.1f} µs of processor time a text")
    for name in ("scan_batch", "scan_arrow"):
        share = middle["core"] / middle[name]
        best = min(times["core"]) / min(times[name])
        work = statistics.median(processor["core"]) / statistics.median(processor[name])
        told = f"{share:.1%}; best against best {best:.1%}, by processor time {work:.1%}"
        goal(f"{name} against the core, median (goal: 95%)", told, share >= 0.95)

    # A text without words costs the core next to nothing: what is left is the call.
    empty = nagalm.Scanner(nagalm.Registry.in_memory(), always_hash=False)
    rounds = []
    for _ in range(21):
        seconds, _ = timed(lambda: [empty.scan("") for _ in range(10_000)])
        rounds.append(seconds / 10_000 * 1e6)
    goal("one call of scan, all told (goal: 5 µs)", f"{statistics.median(rounds):.2f} µs", statistics.median(rounds) <= 5)

    # A new interpreter each time; what it takes without the package is taken off.
    def start(statement):
        seconds, _ = timed(lambda: subprocess.run([sys.executable, "-c", statement], check=True))
        return seconds * 1000

    imports = statistics.median(start("import nagalm") for _ in range(15)) - statistics.median(start("pass") for _ in range(15))
    goal("import (goal: 50 ms)", f"{imports:.1f} ms", imports <= 50)
    if options.wheel:
        megabytes = options.wheel.stat().st_size / 1e6
        goal("wheel (goal: below 12 MB)", f"{megabytes:.2f} MB", megabytes < 12)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
