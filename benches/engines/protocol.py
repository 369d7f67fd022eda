"""The Python engines' side of the protocol of `nagalm-bench compare`: an engine is built and scans, `serve` does the rest.

What belongs to no peer, and all need, stands here, too: words with their places, in the folding that helps every peer
alike.
"""

import gc
import json
import re
import sys
import time
import unicodedata
from pathlib import Path

ROUNDS = 3
# Seconds after which no further round begins.
LONGEST = 20.0

_WORD = re.compile(r"\w+")
_CHUNK = re.compile(r"\S+")


def serve(build):
    """Plays an engine's part on the files of the folder that is the last argument.

    `build(works)` takes a list of (id, text) and gives `scan(text)`, which gives a list of (work id, output span or None,
    source span or None); spans are (start, end) in code points. Where building cannot be seen in the resident set
    (files, memory of another process) `scan.index_bytes` says how large the index is.
    """
    folder = Path(sys.argv[-1])
    works = [(row["id"], row["text"]) for row in _rows(folder / "works.jsonl")]
    outputs = [(row["id"], row["text"]) for row in _rows(folder / "outputs.jsonl")]
    planted = [(row["id"], row["text"]) for row in _rows(folder / "planted.jsonl")]

    gc.collect()
    resident = _resident_bytes()
    wall, cpu = time.perf_counter(), _cpu_seconds()
    scan = build(works)
    build_seconds, build_cpu_seconds = time.perf_counter() - wall, _cpu_seconds() - cpu
    gc.collect()
    index_bytes = getattr(scan, "index_bytes", None) or max(0, _resident_bytes() - resident)
    # As a service that was built once would do: its index is no garbage to look through again and again.
    gc.freeze()

    def scan_all(texts):
        wall, cpu = time.perf_counter(), time.process_time()
        found = [(name, scan(text)) for name, text in texts]
        return time.perf_counter() - wall, time.process_time() - cpu, found

    best_wall, best_cpu, found = scan_all(outputs)
    rounds, spent = 1, best_wall
    while rounds < ROUNDS and spent + best_wall < LONGEST:
        wall, cpu, _ = scan_all(outputs)
        rounds, spent = rounds + 1, spent + wall
        best_wall, best_cpu = min(best_wall, wall), min(best_cpu, cpu)
    found += scan_all(planted)[2]

    with open(folder / "found.jsonl", "w", encoding="utf-8") as file:
        for output, matches in found:
            for work, output_span, source_span in matches:
                row = {"output": output, "work": work, "output_span": output_span, "source_span": source_span}
                file.write(json.dumps(row) + "\n")
    figures = {
        "build_seconds": build_seconds,
        "build_cpu_seconds": build_cpu_seconds,
        "scan_seconds": best_wall,
        "scan_cpu_seconds": best_cpu,
        "rounds": rounds,
        "index_bytes": index_bytes,
    }
    (folder / "figures.json").write_text(json.dumps(figures) + "\n", encoding="utf-8")


def words(text):
    """The words of a text, compatibility-composed and case-folded, and a list of their places: starts, ends."""
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        places = [match.span() for match in _WORD.finditer(text)]
        return [text[start:end].casefold() for start, end in places], places
    folded, places = [], []
    for chunk in _CHUNK.finditer(text):
        plain = chunk.group()
        if plain.isascii() or unicodedata.is_normalized("NFKC", plain):
            offset = chunk.start()
            for match in _WORD.finditer(plain):
                folded.append(match.group().casefold())
                places.append((offset + match.start(), offset + match.end()))
        else:
            # Which letters a composed word came from is not told: it stands where the chunk stands.
            for match in _WORD.finditer(unicodedata.normalize("NFKC", plain)):
                folded.append(match.group().casefold())
                places.append(chunk.span())
    return folded, places


def windows(count, length, step):
    """Starts and ends of windows over `count` words: every `step`, the last one at the end; one where there are few."""
    if count <= length:
        return [(0, count)] if count else []
    starts = list(range(0, count - length, step)) + [count - length]
    return [(start, start + length) for start in starts]


def merged(spans):
    """(work, start, end) in words, merged where they touch in the same work."""
    last = {}
    joined = []
    for work, start, end in sorted(spans, key=lambda span: (span[0], span[1])):
        if work in last and start <= last[work][2]:
            last[work][2] = max(last[work][2], end)
        else:
            last[work] = [work, start, end]
            joined.append(last[work])
    return joined


def _rows(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _cpu_seconds():
    """Of this process and of those it waited for."""
    import os

    return sum(os.times()[:4])


def _resident_bytes():
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
