"""rapidfuzz: windows of the output slid over every work."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import merged, serve
from rapidfuzz import fuzz, process

WINDOW = 64
STEP = 32
SCORE = 80


def plain(text):
    """Lower case, and a space for whatever is neither letter nor digit; every character keeps its place."""
    return "".join(c.lower() if c.isalnum() and len(c.lower()) == 1 else " " for c in text)


def build(works):
    texts = [plain(text) for _, text in works]

    def scan(text):
        text = plain(text)
        found = []
        for start in range(0, max(1, len(text) - STEP), STEP):
            window = text[start : start + WINDOW]
            for _, _, number in process.extract(window, texts, scorer=fuzz.partial_ratio, score_cutoff=SCORE, limit=None):
                found.append((number, start, start + len(window)))
        spans = []
        for number, start, end in merged(found):
            place = fuzz.partial_ratio_alignment(text[start:end], texts[number])
            source = (place.dest_start, place.dest_end) if place and place.dest_start < place.dest_end else None
            spans.append((works[number][0], (start, end), source))
        return spans

    return scan


serve(build)
