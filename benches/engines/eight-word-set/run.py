"""The usual test for contamination: a dictionary of all grams of eight words, and every gram of the output looked up in it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve, words

GRAM = 8


def build(works):
    grams = {}
    for number, (_, text) in enumerate(works):
        folded, _ = words(text)
        for at in range(len(folded) - GRAM + 1):
            grams.setdefault(hash(tuple(folded[at : at + GRAM])), number)
    names = [name for name, _ in works]
    holder = grams.get

    def scan(text):
        folded, places = words(text)
        found = []
        open_run = None  # work, first word, last word
        for at in range(len(folded) - GRAM + 1):
            number = holder(hash(tuple(folded[at : at + GRAM])))
            if number is None:
                continue
            if open_run and open_run[0] == number and at <= open_run[2] + 1:
                open_run[2] = at + GRAM - 1
            else:
                open_run = [number, at, at + GRAM - 1]
                found.append(open_run)
        return [(names[number], (places[first][0], places[last][1]), None) for number, first, last in found]

    return scan


serve(build)
