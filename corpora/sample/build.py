#!/usr/bin/env python3
"""Build works.jsonl and outputs.jsonl out of works.toml and outputs.toml, and check what they claim.

A passage that an output copies is written in outputs.toml as one of

    {{work-id PART CHANGE...}}            a part of the work, taken over by this program
    {{work-id KIND}} ... {{/}}            a passage written out, KIND being `verbatim` or `near-verbatim`

PART is `all`, `s2` or `s2-3` (stanzas), `l5` or `l5-6` (lines that are not blank), or "first words" "last words".
CHANGE is any of upper, lower, nfd, full-width, ligatures, bare (no punctuation), slashes (lines joined by " / "),
one-line, spaced. `also=work-id` in either form names another work that holds the same passage.

With --check nothing is written; the exit code is 1 where the files are not what would be written.
"""

import argparse
import difflib
import json
import re
import shlex
import sys
import tomllib
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
MARK = re.compile(r"\{\{(.+?)\}\}")
LIGATURES = (("ffi", "ﬃ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"), ("ij", "ĳ"), ("IJ", "Ĳ"))
FORMS = ("NFC", "NFD")
LEAST_COPIED = 8  # words: shorter passages are not promised to be found
MOST_SHARED = 5  # words that two works, or a work and text that copies nothing, may share in a row
LEAST_EQUAL = 0.6  # share of a near-verbatim passage's words that stand in the work in the same order


def spaced(text):
    """Every letter apart, words three spaces apart."""
    return "   ".join(" ".join(word) for word in text.split())


CHANGES = {
    "upper": str.upper,
    "lower": str.lower,
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "full-width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "bare": lambda text: re.sub(r"[^\w\s'’]", "", text),
    "slashes": lambda text: re.sub(r"\s*\n\s*", " / ", text),
    "one-line": lambda text: " ".join(text.split()),
    "spaced": spaced,
}


def ligatures(text):
    """Letters joined where Unicode has a ligature for them."""
    for letters, ligature in LIGATURES:
        text = text.replace(letters, ligature)
    return text


CHANGES["ligatures"] = ligatures


def span(numbers):
    """`3` or `3-5` as a slice that starts counting at one."""
    first, _, last = numbers.partition("-")
    return slice(int(first) - 1, int(last or first))


def part_of(text, arguments):
    """Takes the part that the first arguments name off them and returns its text."""
    part = arguments.pop(0)
    if part == "all":
        return text
    if re.fullmatch(r"s[\d-]+", part):
        return "\n\n".join(text.split("\n\n")[span(part[1:])])
    if re.fullmatch(r"l[\d-]+", part):
        return "\n".join([line for line in text.split("\n") if line][span(part[1:])])
    start = text.index(part)
    last = arguments.pop(0)
    return text[start : text.index(last, start) + len(last)]


def unmark(marked, works):
    """The text without its marks, and the passages that they told of."""
    pieces, passages, length, opened = [], [], 0, None

    def add(piece):
        nonlocal length
        pieces.append(piece)
        length += len(piece)

    for number, piece in enumerate(MARK.split(marked)):
        if number % 2 == 0:
            add(piece)
        elif piece == "/":
            opened["end"] = length
            passages.append(opened)
            opened = None
        else:
            assert opened is None, f"mark inside a mark: {piece}"
            work_id, *arguments = shlex.split(piece)
            also = [argument.removeprefix("also=") for argument in arguments if argument.startswith("also=")]
            arguments = [argument for argument in arguments if not argument.startswith("also=")]
            passage = {"work_id": work_id, "start": length, "end": 0, "kind": "verbatim"}
            if also:
                passage["also_in"] = also
            if arguments in (["verbatim"], ["near-verbatim"]):
                opened = passage | {"kind": arguments[0]}
                continue
            text = part_of(works[work_id], arguments)
            for change in arguments:
                text = CHANGES[change](text)
            add(text)
            passages.append(passage | {"end": length})
    assert opened is None, "a mark is not closed"
    text = "".join(pieces)
    return text, [trim(passage, text) for passage in passages]


def trim(passage, text):
    """The passage without the punctuation and white space at its ends: it begins and ends with a word."""
    belongs = lambda c: c.isalnum() or unicodedata.combining(c)
    start, end = passage["start"], passage["end"]
    while not belongs(text[start]):
        start += 1
    while not belongs(text[end - 1]):
        end -= 1
    return passage | {"start": start, "end": end}


def words(text):
    """Folded words, apostrophes dropped."""
    text = re.sub(r"['’‘]", "", unicodedata.normalize("NFKC", text).casefold())
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text))


def letters(text):
    """Folded letters and digits only: equal however a text is spaced and hyphenated."""
    return "".join(words(text))


def runs(text, length):
    """The set of runs of so many words."""
    folded = words(text)
    return {tuple(folded[at : at + length]) for at in range(len(folded) - length + 1)}


def check_digits(work):
    """Complaints about identifiers whose check digit is wrong."""
    if iswc := work.get("iswc"):
        digits = [int(c) for c in iswc if c.isdigit()]
        if (1 + sum(d * w for w, d in enumerate(digits[:9], 1)) + digits[9]) % 10:
            yield f"ISWC {iswc}"
    if isbn := work.get("isbn"):
        digits = [int(c) for c in isbn if c.isdigit()]
        if len(digits) != 13 or sum(d * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10:
            yield f"ISBN {isbn}"
    for creator in work["creators"]:
        if ipi := creator.get("ipi"):
            check = sum(int(c) * w for c, w in zip(ipi, range(10, 1, -1))) % 101
            if int(ipi[9:]) != (101 - check) % 100 * bool(check):
                yield f"IPI {ipi}"
        if isni := creator.get("isni"):
            total = 0
            for c in isni.replace(" ", "")[:-1]:
                total = (total + int(c)) * 2
            if "0123456789X"[(12 - total % 11) % 11] != isni[-1]:
                yield f"ISNI {isni}"


def check_works(works, same):
    """Complaints about works: identifiers, and words shared with other works."""
    for work in works:
        for complaint in check_digits(work):
            yield f"{work['work_id']}: {complaint}"
    seen = {}
    for work in works:
        for run in runs(work["text"], MOST_SHARED + 1):
            other = seen.setdefault(run, work["work_id"])
            if other != work["work_id"] and {other, work["work_id"]} not in same:
                yield f"{work['work_id']} and {other} share: {' '.join(run)}"


def check_output(output, works, outside, known):
    """Complaints about one output: passages that are not what they claim, copies that nothing claims."""
    for passage in output["expect"]:
        copied = output["text"][passage["start"] : passage["end"]]
        name = f"{output['id']}, {passage['work_id']}"
        if "spaced" not in output["case"] and len(words(copied)) < LEAST_COPIED:
            yield f"{name}: fewer than {LEAST_COPIED} words"
        for work_id in [passage["work_id"], *passage.get("also_in", [])]:
            contained = letters(copied) in letters(works[work_id])
            if contained != (passage["kind"] == "verbatim"):
                yield f"{name}: {'' if contained else 'not '}verbatim in {work_id}"
        matcher = difflib.SequenceMatcher(None, words(works[passage["work_id"]]), words(copied), autojunk=False)
        equal = sum(block.size for block in matcher.get_matching_blocks()) / len(words(copied))
        if passage["kind"] == "near-verbatim":
            if equal < LEAST_EQUAL:
                yield f"{name}: only {equal:.0%} of the words equal"
            output.setdefault("equal", []).append(round(equal, 2))
    for text in outside:
        for run in runs(text, MOST_SHARED + 1) & known.keys():
            yield f"{output['id']}: shares with {known[run]} outside its passages: {' '.join(run)}"


def main():
    """Build, check, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the files that are there, write nothing")
    parser.add_argument("--verbose", action="store_true", help="tell how much of each near-verbatim passage is equal")
    arguments = parser.parse_args()

    works = tomllib.loads((HERE / "works.toml").read_text(encoding="utf-8"))["work"]
    for work in works:
        work["text"] = unicodedata.normalize(work.pop("form", "NFC"), work.pop("text"))
    texts = {work["work_id"]: work["text"] for work in works}
    assert len(texts) == len(works), "a work_id stands twice"

    sources = tomllib.loads((HERE / "outputs.toml").read_text(encoding="utf-8"))["output"]
    outputs, complaints, same, outsides = [], [], [], []
    for source in sources:
        text, expect = unmark(source.pop("text"), texts)
        outputs.append(source | {"text": text, "expect": expect})
        same += [{passage["work_id"], other} for passage in expect for other in passage.get("also_in", [])]
        edges = [0, *(edge for passage in expect for edge in (passage["start"], passage["end"])), len(text)]
        outsides.append([text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)])
    complaints += check_works(works, same)
    known = {run: work["work_id"] for work in works for run in runs(work["text"], MOST_SHARED + 1)}
    for output, outside in zip(outputs, outsides):
        complaints += check_output(output, texts, outside, known)
        equal = output.pop("equal", None)
        if arguments.verbose and equal:
            print(output["id"], equal)
    if len({output["id"] for output in outputs}) != len(outputs):
        complaints.append("an output id stands twice")

    for name, rows in (("works", works), ("outputs", outputs)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path = HERE / f"{name}.jsonl"
        if not arguments.check:
            path.write_text(lines, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != lines:
            complaints.append(f"{path.name} is not what build.py makes of its sources: run build.py")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
