"""The examples, run as their users would."""

import json
import subprocess
import sys
from pathlib import Path

import datasets
import nbclient
import nbformat
import pytest
from conftest import COPY

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(example, *arguments):
    done = subprocess.run(
        [sys.executable, EXAMPLES / example, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_the_notebook_of_a_society():
    notebook = nbformat.read(EXAMPLES / "society.ipynb", as_version=4)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code"), "checked in without outputs"
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    assert any("nagalm-report" in picture and 'class="e"' in picture for picture in pictures)
    assert any("most_of_the_work" in picture for picture in pictures)


@pytest.mark.parametrize("processes", [[], ["--processes", "2"]], ids=["one process", "two processes"])
def test_decontamination(folder, tmp_path, processes):
    rows = [{"text": COPY if n % 4 == 0 else f"clean text number {n}", "n": n} for n in range(40)]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    code, out, err = run("decontaminate.py", folder, tmp_path / "data.jsonl", tmp_path / "clean", *processes)
    assert (code, out.strip()) == (0, "40 texts: 30 stay, 10 removed"), err
    stays = datasets.load_from_disk(tmp_path / "clean")
    assert stays.column_names == ["text", "n"] and stays["n"][:] == [n for n in range(40) if n % 4]
    goes = datasets.load_from_disk(tmp_path / "clean-removed")
    assert {match["work_id"] for matches in goes["matches"] for match in matches} == {"ferry"}


def test_a_folder(folder, tmp_path):
    texts = tmp_path / "texts"
    (texts / "more").mkdir(parents=True)
    (texts / "a.txt").write_text("nothing of note", encoding="utf-8")
    (texts / "more/b.txt").write_text(COPY, encoding="utf-8")
    (texts / "c.txt").write_bytes(b"\xff\xfe")
    code, out, err = run("scan_folder.py", folder, texts)
    assert (code, out) == (1, "more/b.txt:8-155: verbatim, 29 words of The Ferryman\n") and "c.txt" in err
    assert run("scan_folder.py", folder, texts, "a.*")[:2] == (0, "")

