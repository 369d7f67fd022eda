#!/usr/bin/env python3
"""What the Python engines share. Needs nothing beyond Python itself."""

import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import protocol


class Protocol(unittest.TestCase):
    def test_words_are_folded_and_know_their_places(self):
        text = "«Ｅins» zwei—DREI cafe\u0301"
        folded, places = protocol.words(text)
        self.assertEqual(folded, ["eins", "zwei", "drei", "café"])
        self.assertEqual([text[start:end] for start, end in places], ["«Ｅins»", "zwei", "DREI", "cafe\u0301"])

    def test_windows_reach_the_end(self):
        self.assertEqual(protocol.windows(10, 4, 3), [(0, 4), (3, 7), (6, 10)])
        self.assertEqual(protocol.windows(3, 4, 2), [(0, 3)])
        self.assertEqual(protocol.windows(0, 4, 2), [])

    def test_windows_of_one_work_that_touch_are_merged(self):
        spans = [("a", 0, 4), ("b", 2, 3), ("a", 3, 7), ("a", 9, 11)]
        self.assertEqual(protocol.merged(spans), [["a", 0, 7], ["a", 9, 11], ["b", 2, 3]])

    def test_an_engine_reads_builds_scans_and_writes(self):
        def build(works):
            def scan(text):
                return [(name, (text.find(work), text.find(work) + len(work)), None) for name, work in works if work in text]

            return scan

        with tempfile.TemporaryDirectory() as folder, mock.patch.object(sys, "argv", ["run.py", folder]):
            folder = Path(folder)
            for name, identifier, text in [("works", "w", "wör"), ("outputs", "o", "ä wör"), ("planted", "p", "nichts")]:
                (folder / f"{name}.jsonl").write_text(json.dumps({"id": identifier, "text": text}) + "\n")
            protocol.serve(build)
            found = json.loads((folder / "found.jsonl").read_text())
            figures = json.loads((folder / "figures.json").read_text())
        self.assertEqual(found, {"output": "o", "work": "w", "output_span": [2, 5], "source_span": None})
        self.assertEqual(figures["rounds"], protocol.ROUNDS)


if __name__ == "__main__":
    unittest.main()
