"""What Python adds to the core: throughput of `scan_batch` and `scan_arrow` against the core's own `scan_batch`, the time that one
call of `scan` adds, the time of an import, the size of the wheel. Every answer is checked. Times are taken in turns, and medians
compared, so that a machine that others use says something, too.

    cargo build --release -p nagalm-python --example core_throughput
    maturin build --release --out ../target/wheels    # from bindings-python, and pip install the wheel
    python benches/throughput.py [--works 10000] [--texts 20000] [--times 7] [--wheel FILE]

Exit code 1 where a goal is not reached.
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


def vocabulary(rng):
    """Words that are as unevenly common as a language's."""
    syllables = [a + b for a in "bdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "ee", "ou", "an", "er", "in")]
    words = sorted({"".join(rng.choice(syllables) for _ in range(rng.choice((1, 2, 2, 3)))) for _ in range(20_000)})
    rng.shuffle(words)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    return words, weights


def workload(works, texts):
    """Works of 1,000 characters, and texts of 2,000, a fifth of which repeat a passage of a work; and which."""
    rng = random.Random(20261128)
    words, weights = vocabulary(rng)

    def text(characters):
        return " ".join(rng.choices(words, weights, k=characters // 3))[:characters]

    registered = [{"work_id": f"w{n}", "text": text(1000)} for n in range(works)]
    outputs, planted = [], []
    for number in range(texts):
        body = text(CHARACTERS)
        if number % 5 == 0:
            work = rng.choice(registered)
            start = work["text"].index(" ", rng.randrange(500)) + 1
            passage = work["text"][start : start + 300].rsplit(" ", 1)[0]
            at = rng.randrange(CHARACTERS - 400)
            body = f"{body[:at]} {passage} {body[at + len(passage) + 2 :]}"
            planted.append((number, work["work_id"]))
        outputs.append(body)
    return registered, outputs, planted


def core(works, texts):
    """One time of the core alone: seconds and matches."""
    done = subprocess.run([CORE, works, texts, "3"], capture_output=True, text=True, check=True)
    return [(float(seconds), int(matches)) for seconds, matches in map(str.split, done.stdout.splitlines())]


def timed(work):
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--wheel", type=Path)
    options = parser.parse_args()
    missed = []

    def goal(what, value, reached):
        print(f"{what}: {value}{'' if reached else '   NOT REACHED'}")
        if not reached:
            missed.append(what)

    works, texts, planted = workload(options.works, options.texts)
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
    with tempfile.TemporaryDirectory() as folder:
        work_file, text_file = Path(folder, "works.jsonl"), Path(folder, "texts.jsonl")
        work_file.write_text("".join(json.dumps(work) + "\n" for work in works), encoding="utf-8")
        lines = (json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts))
        text_file.write_text("".join(lines), encoding="utf-8")
        for _ in range(options.times):
            for seconds, found in core(work_file, text_file)[1:]:
                assert found == matches, "the core finds something else"
                times["core"].append(seconds)
            for _ in range(2):
                seconds, found = timed(batch)
                assert found == matches
                times["scan_batch"].append(seconds)
                seconds, result = timed(arrow)
                assert len(result) == len(texts)
                times["scan_arrow"].append(seconds)

    size = sum(map(len, texts)) / 1e6
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"{len(works):,} works, {len(texts):,} texts of {CHARACTERS:,} characters, {matches:,} matches, {os.cpu_count()} cores")
    for name, taken in times.items():
        print(f"  {name}: {size / middle[name]:.0f} MB/s (best {size / min(taken):.0f})")
    for name in ("scan_batch", "scan_arrow"):
        share = middle["core"] / middle[name]
        goal(f"{name} against the core, median (goal: 95%)", f"{share:.1%}; best against best {min(times['core']) / min(times[name]):.1%}", share >= 0.95)

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
