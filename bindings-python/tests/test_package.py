"""The package as a whole: its command line, its docstrings, its stub, what it costs."""

import doctest
import gc
import os
import subprocess
import sys
from pathlib import Path

import nagalm
import pytest
import stub_docs
from conftest import COPY, ROOT, WORKS

HERE = Path(__file__).resolve().parents[1]


def run(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "nagalm", *arguments], capture_output=True, text=True, **options)


def test_the_command_line(tmp_path):
    done = run("demo", cwd=tmp_path)
    assert done.returncode == 0 and (tmp_path / "nagalm-demo").is_dir(), done.stderr
    assert run("--version").stdout == f"nagalm {nagalm.__version__}\n"
    assert "Usage: nagalm" in run("scan", "--help").stdout
    wrong = run("nope")
    assert wrong.returncode == 2 and "unrecognized subcommand" in wrong.stderr
    missing = run("scan", "nowhere.nagalm", "-", cwd=tmp_path)
    assert missing.returncode == 2 and missing.stderr.startswith("nagalm: ")
    songs = tmp_path / "songs.nagalm"
    nagalm.Registry.create(songs, WORKS)
    found = run("scan", str(songs), input=COPY)
    assert found.returncode == 1
    assert nagalm.Report.from_json(found.stdout).matches[0].work_id == "ferry"
    assert nagalm._native.main(["nagalm", "check", str(songs)]) == 0


def test_the_command_line_ends_with_control_c(tmp_path):
    import signal
    import time

    with subprocess.Popen([sys.executable, "-m", "nagalm", "register", str(tmp_path / "x"), "-"], stdin=subprocess.PIPE) as process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == -signal.SIGINT


@pytest.mark.parametrize("module", [nagalm, nagalm._native, nagalm.errors], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module):
    finder = doctest.DocTestFinder(exclude_empty=False)
    tests = finder.find(module, module.__name__, globs={"nagalm": nagalm})
    if module is nagalm:
        # Classes say that they are the package's, and are found there.
        assert sum(len(test.examples) for test in tests) > 15
        assert {"nagalm.Registry", "nagalm.Scanner", "nagalm.Scanner.scan_batch"} <= {t.name for t in tests if t.examples}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in tests:
        assert runner.run(test).failed == 0, test.name


def test_examples_in_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, run = doctest.testfile(str(HERE / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert failed == 0 and run > 20


def test_everything_is_documented():
    for name in nagalm.__all__:
        thing = getattr(nagalm, name)
        assert isinstance(thing, str) or thing.__doc__, name
        for attribute, value in vars(thing).items() if isinstance(thing, type) else []:
            if not attribute.startswith("_") and callable(value):
                assert value.__doc__, f"{name}.{attribute}"


def test_the_stub_has_the_docstrings():
    stub = stub_docs.STUB.read_text(encoding="utf-8")
    assert stub == stub_docs.documented(stub), "python tests/stub_docs.py --write"


def test_the_version_is_the_workspace_s():
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    assert f'version = "{nagalm.__version__}"' in manifest


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to read memory from")
def test_memory_does_not_grow(scanner):
    import pyarrow as pa

    table = pa.table({"text": [COPY] * 100})

    def look(report):
        report.json(), report.to_dict(), report.matches[0].quote, report.matches[0].edits, report.works, report.fields

    def rounds(times):
        for _ in range(times):
            for _ in range(100):
                look(scanner.scan(COPY, id=1, model="m"))
            for report in scanner.scan_batch([COPY] * 100):
                report.matches
            scanner.scan_arrow(table).to_pyarrow()
            list(scanner.scan_batch([COPY, "x"]))[:1]
            with pytest.raises(TypeError):
                scanner.scan(3)
        gc.collect()

    rounds(100)
    before = resident()
    # 1e5 scans of each kind in all.
    rounds(333)
    # One report is some 2 kB: 1 % of them kept would be seen.
    assert resident() - before < 8_000_000
    before = resident()
    for _ in range(30):
        iterator = scanner.scan_batch([COPY] * 10_000)
        next(iterator)
        del iterator
    gc.collect()
    assert resident() - before < 30_000_000
