#!/usr/bin/env python3
"""Tests of `fetch` against a server in this process; nothing leaves the machine."""

import contextlib
import hashlib
import http.server
import importlib.machinery
import importlib.util
import io
import json
import tempfile
import threading
import unittest
from pathlib import Path

LOADER = importlib.machinery.SourceFileLoader("fetch", str(Path(__file__).resolve().parent / "fetch"))
fetch = importlib.util.module_from_spec(importlib.util.spec_from_loader("fetch", LOADER))
LOADER.exec_module(fetch)

TEXT = (
    "\ufeffThe Project Gutenberg eBook of Two Small Poems\r\n\r\n"
    "*** START OF THE PROJECT GUTENBERG EBOOK TWO SMALL POEMS ***\r\n\r\n"
    "I.\r\n\r\nA kettle sings,\r\nthe window's wet.\r\n\r\nII.\r\n\r\nÆon of crumbs,\r\na cup half set.\r\n\r\n"
    "*** END OF THE PROJECT GUTENBERG EBOOK TWO SMALL POEMS ***\r\nLicence.\r\n"
).encode()
HASH = hashlib.sha256(TEXT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves TEXT at /good.txt, and in the ways of a bad server at other paths."""

    asked = []  # (path, Range) of every request

    def do_GET(self):
        wanted = self.headers.get("Range")
        Handler.asked.append((self.path, wanted))
        first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if self.path == "/none.txt":
            return self.send_error(404, "Not Found")
        if self.path == "/busy.txt" and len(Handler.asked) < 3:
            return self.send_error(503, "Busy")
        if first >= len(TEXT):
            return self.send_error(416)
        ranged = wanted and self.path != "/norange.txt"
        body = TEXT[first:] if ranged else TEXT
        self.send_response(206 if ranged else 200)
        if ranged:
            self.send_header("Content-Range", f"bytes {first}-{len(TEXT) - 1}/{len(TEXT)}")
        size = fetch.LARGEST + 1 if self.path == "/huge.txt" else len(body)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.path == "/always-short.txt" or (self.path == "/short-once.txt" and not ranged):
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class FetchTest(unittest.TestCase):
    """Each test has a server, a cache and a sets.toml of its own."""

    def setUp(self):
        Handler.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.cache = self.folder / "cache"
        self.sets = self.folder / "sets.toml"

    def run_fetch(self, *sets, arguments=()):
        """Runs fetch on (path, sha256, contains) triples; returns the exit code and what was said."""
        if sets:
            self.sets.write_text(
                "".join(
                    f'[[set]]\nname = "{path.removesuffix(".txt")}"\nurl = "https://example.invalid/{path}"\n'
                    f'sha256 = "{sha256}"\nlicence = "public domain"\nlanguage = "en"\nwhat = "Poems"\n'
                    f"contains = \"{contains}\"\nsplit = '^[IVX]+\\.$'\n\n"
                    for path, sha256, contains in sets
                )
            )
        base = f"http://127.0.0.1:{self.server.server_port}"
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            code = fetch.main(
                ["--sets", str(self.sets), "--cache", str(self.cache), "--base-url", base, "--timeout", "5", *arguments]
            )
        return code, said.getvalue()

    def files(self):
        return sorted(path.name for path in self.cache.iterdir())

    def test_a_good_file_is_kept_and_not_asked_for_again(self):
        self.assertEqual(self.run_fetch(("good.txt", HASH, "Small Poems"))[0], 0)
        self.assertEqual((self.cache / "good.txt").read_bytes(), TEXT)
        code, said = self.run_fetch()
        self.assertEqual((code, said), (0, "good: there\n"))
        self.assertEqual(Handler.asked, [("/good.txt", None)])

    def test_a_wrong_hash_is_an_error_and_the_file_goes(self):
        code, said = self.run_fetch(("good.txt", "0" * 64, ""))
        self.assertEqual(code, 1)
        self.assertIn("the hash is wrong", said)
        self.assertIn(HASH, said)
        self.assertEqual(self.files(), [])

    def test_a_file_that_was_changed_in_the_cache_is_fetched_again(self):
        self.run_fetch(("good.txt", HASH, ""))
        (self.cache / "good.txt").write_text("other")
        self.assertEqual(self.run_fetch()[0], 0)
        self.assertEqual((self.cache / "good.txt").read_bytes(), TEXT)

    def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(self):
        self.assertEqual(self.run_fetch(("short-once.txt", HASH, ""))[0], 0)
        self.assertEqual((self.cache / "short-once.txt").read_bytes(), TEXT)
        self.assertEqual(Handler.asked[1][1], f"bytes={len(TEXT) // 2}-")

    def test_a_server_without_ranges_starts_over(self):
        self.cache.mkdir()
        (self.cache / "norange.part").write_bytes(TEXT[:40])
        self.assertEqual(self.run_fetch(("norange.txt", HASH, ""))[0], 0)
        self.assertEqual((self.cache / "norange.txt").read_bytes(), TEXT)

    def test_a_part_that_is_too_long_is_dropped(self):
        self.cache.mkdir()
        (self.cache / "good.part").write_bytes(TEXT + b"more")
        self.assertEqual(self.run_fetch(("good.txt", HASH, ""))[0], 0)
        self.assertEqual([wanted for _, wanted in Handler.asked], [f"bytes={len(TEXT) + 4}-", None])

    def test_a_part_of_another_file_fails_by_its_hash(self):
        self.cache.mkdir()
        (self.cache / "good.part").write_bytes(b"x" * 40)
        self.assertEqual(self.run_fetch(("good.txt", HASH, ""))[0], 1)
        self.assertEqual(self.files(), [])

    def test_a_server_that_never_finishes_is_an_error_and_the_part_stays(self):
        code, said = self.run_fetch(("always-short.txt", HASH, ""), arguments=["--attempts", "2"])
        self.assertEqual(code, 1)
        self.assertIn("broke off", said)
        self.assertIn("tried 2 times", said)
        self.assertEqual(self.files(), ["always-short.part"])

    def test_not_found_is_told_at_once_and_the_others_are_fetched(self):
        code, said = self.run_fetch(("none.txt", HASH, ""), ("good.txt", HASH, ""))
        self.assertEqual(code, 1)
        self.assertIn("404", said)
        self.assertEqual(len(Handler.asked), 2)
        self.assertEqual(self.files(), ["good.txt"])

    def test_a_busy_server_is_asked_again(self):
        self.assertEqual(self.run_fetch(("busy.txt", HASH, ""))[0], 0)
        self.assertEqual(len(Handler.asked), 3)

    def test_a_server_that_is_not_there_is_an_error(self):
        self.run_fetch(("good.txt", HASH, ""), arguments=["--list"])
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = fetch.main(
                ["--sets", str(self.sets), "--cache", str(self.cache), "--base-url", "http://127.0.0.1:9", "--timeout", "2"]
            )
        self.assertEqual(code, 1)
        self.assertIn("tried 3 times", said.getvalue())

    def test_too_much_is_refused(self):
        code, said = self.run_fetch(("huge.txt", HASH, ""))
        self.assertEqual(code, 1)
        self.assertIn("at most", said)

    def test_without_a_hash_nothing_is_fetched_unless_it_is_to_be_pinned(self):
        code, said = self.run_fetch(("none.txt", "", ""), ("good.txt", "", "Small Poems"))
        self.assertEqual(code, 1)
        self.assertIn("--pin", said)
        self.assertEqual(Handler.asked, [])
        self.assertEqual(self.run_fetch(arguments=["--pin", "good"])[0], 0)
        pinned = {entry["name"]: entry["sha256"] for entry in fetch.read_sets(self.sets)}
        self.assertEqual(pinned, {"none": "", "good": HASH})
        self.assertEqual(self.run_fetch(arguments=["good"]), (0, "good: there\n"))

    def test_another_text_than_expected_is_not_pinned(self):
        code, said = self.run_fetch(("good.txt", "", "Large Poems"), arguments=["--pin"])
        self.assertEqual(code, 1)
        self.assertIn("another text", said)
        self.assertEqual(self.files(), [])
        self.assertEqual(fetch.read_sets(self.sets)[0]["sha256"], "")

    def test_works_are_made_of_the_text_without_its_frame(self):
        self.run_fetch(("good.txt", HASH, ""), arguments=["--register-ready"])
        works = [json.loads(line) for line in (self.cache / "works.jsonl").read_text(encoding="utf-8").splitlines()]
        self.assertEqual([work["work_id"] for work in works], ["good-1", "good-2"])
        self.assertEqual([work["title"] for work in works], ["I.", "II."])
        self.assertEqual(works[0]["text"], "A kettle sings,\nthe window's wet.")
        self.assertEqual(works[1]["text"], "Æon of crumbs,\na cup half set.")

    def test_a_list_of_sets_that_is_wrong_is_told(self):
        for path, sha256 in (("../up.txt", HASH), ("good.txt", "12")):
            self.assertEqual(self.run_fetch((path, sha256, ""))[0], 2, path)
        self.sets.write_text("[[set]\n")
        self.assertEqual(self.run_fetch()[0], 2)

    def test_the_list_that_comes_with_it_is_sound(self):
        sets = fetch.read_sets(fetch.HERE / "sets.toml")
        self.assertEqual({entry["language"] for entry in sets}, {"en", "de", "nl"})
        self.assertEqual(len({entry["name"] for entry in sets}), len(sets))
        for entry in sets:
            fetch.re.compile(entry.get("split", ""))


if __name__ == "__main__":
    unittest.main()
