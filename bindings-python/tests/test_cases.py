"""The project's cases, and real outputs beside the project where they are: through Python byte for byte what the command line
writes. `NAGALM_BINARY` names the binary to compare with; without it, it is the same command line out of the wheel."""

import gzip
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nagalm
import pyarrow as pa
import pytest
from conftest import ROOT, shared_data


def cases():
    files = sorted((ROOT / "tests/cases").glob("*.toml"))
    return [case for file in files for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]]


def command(*arguments):
    binary = os.environ.get("NAGALM_BINARY")
    program = [binary] if binary else [sys.executable, "-m", "nagalm"]
    done = subprocess.run([*program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr


def write_lines(path: Path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def compare(folder: Path, works, outputs):
    """Registers and scans both ways; returns the reports."""
    songs, lines = folder / "songs.nagalm", write_lines(folder / "outputs.jsonl", outputs)
    command("register", songs, write_lines(folder / "works.jsonl", works))
    command("scan", songs, lines, "-o", folder / "report.jsonl")
    written = (folder / "report.jsonl").read_bytes().decode().split("\n")[:-1]

    memory = nagalm.Registry.from_works(works)
    assert memory.content_hash == nagalm.Registry.open(songs).content_hash
    reports = list(nagalm.Scanner(memory).scan_batch(outputs))
    assert [report.json() for report in reports] == written
    mapped = nagalm.Scanner(nagalm.Registry.open(songs, mapped=True))
    for output, line in list(zip(outputs, written, strict=True))[:200]:
        fields = dict(output)
        assert mapped.scan(fields.pop("text"), **fields).json() == line
    return reports


def test_all_cases_through_both(tmp_path_factory):
    all_cases = cases()
    assert len(all_cases) > 100
    for case in all_cases:
        works = [
            {"work_id": work["id"], "text": work["text"]} | ({"title": work["title"]} if "title" in work else {})
            for work in case["works"]
        ]
        text = case["output"]
        (report,) = compare(tmp_path_factory.mktemp("case"), works, [{"id": case["name"], "text": text}])
        for match in report.matches:
            assert text[match.output.slice] == match.quote.output
            source = next(work["text"] for work in works if work["work_id"] == match.work_id)
            assert source[match.source.slice] == match.quote.source
        # What the case says itself; the core's tests say more of it.
        if "matches" in case:
            assert [text[match.output.slice] for match in report.matches] == [
                expected["text"] for expected in case["matches"]
            ], case["name"]


def test_real_outputs_through_both(tmp_path):
    data = shared_data("llm_poems")

    def rows(name):
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    works = [{**row, "work_id": row.pop("id")} for row in rows("works")]
    outputs = rows("outputs")
    reports = compare(tmp_path, works, outputs)
    found = sum(len(report.matches) for report in reports)
    assert found > 100
    scanner = nagalm.Scanner(nagalm.Registry.open(tmp_path / "songs.nagalm"))
    table = pa.table(scanner.scan_arrow(pa.table({"text": [output["text"] for output in outputs]})))
    for report, matches in zip(reports, table["matches"].to_pylist(), strict=True):
        expected = report.to_dict()["matches"]
        assert [{k: v for k, v in match.items() if v is not None} for match in matches] == expected
    assert table["error"].null_count == len(outputs)
    print(f"{len(outputs)} outputs, {found} matches")


@pytest.mark.parametrize("text", ["", "\0", "\u2028", "a" * 100_000, "𝔞" * 5000, "\r\n" * 1000])
def test_odd_texts(text, scanner):
    report = scanner.scan(text)
    assert report.coverage.total == len(text) and report.complete
