"""Scanning, and what a report says."""

import json
import multiprocessing
import pickle
import subprocess
import sys

import nagalm
import pytest
from conftest import COPY, FERRY, WORKS


def test_offsets_are_code_points(scanner):
    report = scanner.scan(COPY, id="a", model="m-1", prompt=None, version="theirs")
    (match,) = report.matches
    assert COPY[match.output.start : match.output.end] == match.quote.output == COPY[match.output.slice]
    assert FERRY[match.source.slice] == match.quote.source
    assert COPY[match.output.slice].startswith("and the river") and COPY[match.output.slice].endswith("gave way")
    assert (match.work_id, match.title, match.kind) == ("ferry", "The Ferryman", "verbatim")
    assert match.words.matched == match.words.output == match.words.source == 29
    assert match.identity == 1.0 and match.evalue < 1e-20 < match.bits
    assert [edit.op for edit in match.edits] == ["equal"]
    assert match.edits[0].output == match.output
    assert (match.also_in, match.tricks) == ([], [])
    assert report.coverage.matched == len(match.output) and report.coverage.total == len(COPY)
    assert report.works[0].work_id == "ferry" and 0.4 < report.works[0].share_of_work < 0.7
    assert report.complete and report.not_searched == []
    assert (report.id, report.offset_unit, report.version) == ("a", "code_point", nagalm.__version__)
    assert report.fields == {"model": "m-1", "prompt": None, "input_version": "theirs"}


def test_a_report_is_its_json(scanner):
    report = scanner.scan(COPY, id=7, model="m")
    assert json.loads(report.json()) == report.to_dict()
    assert list(json.loads(report.json())) == list(report.to_dict())
    assert report.to_dict()["matches"][0] == report.matches[0].to_dict()
    again = nagalm.Report.from_json(report.json())
    assert again == report and hash(again) == hash(report) and again.json() == report.json()
    assert pickle.loads(pickle.dumps(report)) == report
    assert again != scanner.scan("nothing") and again != 3


def test_in_a_notebook(scanner):
    html = scanner.scan(COPY + " <script>alert(1)</script>", id="<b>")._repr_html_()
    assert "The Ferryman" in html and "black as a bottle" in html and 'class="e"' in html
    assert "<script" not in html and "<b>" not in html
    assert html.startswith('<div class="nagalm-report">') and html.endswith("</div>")


def test_settings(memory):
    edited = COPY.replace("black as", "dark like")
    assert nagalm.Scanner(memory).scan(edited).matches[0].kind == "near-verbatim"
    only = nagalm.Scanner(memory, verbatim_only=True, quote=False, always_hash=False)
    assert all(match.kind == "verbatim" and match.quote is None for match in only.scan(edited).matches)
    assert only.scan("nothing here").text_sha256 is None
    assert nagalm.Scanner(memory, min_words=60, max_evalue=1e-300).scan(COPY).matches == ()
    for wrong in [{"max_evalue": 0}, {"max_evalue": float("nan")}, {"max_evalue": -1}]:
        with pytest.raises(nagalm.InputError):
            nagalm.Scanner(memory, **wrong)
    assert only.verbatim_only and not only.quote and only.min_words == 8 and only.max_evalue == 1e-4


def test_a_batch_keeps_its_order(scanner):
    texts = [COPY if n % 3 == 0 else f"nothing {n}" for n in range(5000)]
    reports = list(scanner.scan_batch(texts))
    assert [report.id for report in reports] == [str(n) for n in range(5000)]
    assert [bool(report.matches) for report in reports] == [n % 3 == 0 for n in range(5000)]
    with_fields = list(scanner.scan_batch([{"text": COPY, "id": "x", "model": "m"}, {"text": "la"}]))
    assert [report.id for report in with_fields] == ["x", "1"] and with_fields[0].fields == {"model": "m"}
    assert list(scanner.scan_batch([])) == []


def test_a_batch_does_not_read_on_and_on(scanner):
    taken = 0

    def texts():
        nonlocal taken
        while True:
            taken += 1
            yield COPY

    reports = scanner.scan_batch(texts())
    assert taken == 0
    next(reports)
    assert taken <= 16 + 32 + 64
    for _ in range(5000):
        next(reports)
    assert taken <= 5001 + 3 * 256


def test_what_a_batch_cannot_read_comes_in_its_place(scanner):
    reports = scanner.scan_batch([COPY, "b", 3, "c"])
    assert next(reports).matches and next(reports).id == "1"
    with pytest.raises(TypeError, match="not int"):
        next(reports)
    assert list(reports) == []

    def fails():
        yield "a"
        raise ZeroDivisionError("mine")

    reports = scanner.scan_batch(fails())
    next(reports)
    with pytest.raises(ZeroDivisionError, match="mine"):
        next(reports)
    with pytest.raises(nagalm.InputError, match="text number 1"):
        list(scanner.scan_batch(["a", {"no": "text"}]))
    for wrong in ["one text", {"text": "one text"}, 3, None]:
        with pytest.raises(TypeError):
            scanner.scan_batch(wrong)


def test_pickled(folder):
    registry = nagalm.Registry.open(folder, mapped=True)
    scanner = nagalm.Scanner(registry, min_words=10, max_evalue=1e-6, quote=False)
    again = pickle.loads(pickle.dumps(scanner))
    assert (again.min_words, again.max_evalue, again.quote) == (10, 1e-6, False)
    assert again.scan(COPY) == scanner.scan(COPY)
    assert pickle.loads(pickle.dumps(registry)).content_hash == registry.content_hash
    pickled = pickle.dumps(scanner), pickle.dumps(registry)
    registry.withdraw("mill")
    for stale in pickled:
        with pytest.raises(nagalm.ChangedError, match="changed since it was pickled"):
            pickle.loads(stale)
    # The scanner still sees what it was made of, and cannot be had elsewhere any more.
    with pytest.raises(nagalm.ChangedError):
        pickle.loads(pickle.dumps(scanner))
    with pytest.raises(TypeError, match="in memory cannot be pickled"):
        pickle.dumps(nagalm.Scanner(nagalm.Registry.from_works(WORKS)))


def in_a_fork(scanner):
    return len([report for report in scanner.scan_batch([COPY] * 100) if report.matches])


def test_a_forked_process_scans(folder):
    scanner = nagalm.Scanner(nagalm.Registry.open(folder))
    assert in_a_fork(scanner) == 100
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(in_a_fork, [scanner] * 4).get(timeout=60) == [100] * 4


def test_control_c_ends_a_batch(tmp_path):
    script = """
import sys, nagalm
scanner = nagalm.Scanner(nagalm.Registry.from_works([{"work_id": "a", "text": "one two three four five six seven eight"}]))
def texts():
    while True:
        yield "words and words and words " * 400
try:
    for number, report in enumerate(scanner.scan_batch(texts())):
        if number == 100:
            print("scanning", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(3)
"""
    import signal

    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "scanning\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
    assert (out, process.returncode) == ("interrupted\n", 3)
