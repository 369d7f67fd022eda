"""pyahocorasick: all blocks of eight words as patterns."""

import sys
from bisect import bisect_left
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from ahocorasick import STORE_INTS, Automaton
from protocol import serve, words

BLOCK = 8


def build(works):
    automaton = Automaton(STORE_INTS)
    owners = []  # work, place in its text
    for number, (_, text) in enumerate(works):
        folded, places = words(text)
        for at in range(0, len(folded) - BLOCK + 1, BLOCK):
            pattern = " " + " ".join(folded[at : at + BLOCK]) + " "
            if pattern not in automaton:
                automaton.add_word(pattern, len(owners))
                owners.append((number, places[at][0], places[at + BLOCK - 1][1]))
    automaton.make_automaton()

    def scan(text):
        folded, places = words(text)
        # Where each word ends in the folded text, counting the space behind it.
        ends = list(accumulate((len(word) + 1 for word in folded), initial=0))[1:]
        found = []
        previous = None
        for end, pattern in automaton.iter(" " + " ".join(folded) + " "):
            last = bisect_left(ends, end)
            first = last - BLOCK + 1
            number, start, stop = owners[pattern]
            if previous and previous[0] + 1 == pattern and previous[1] + 1 == first and owners[previous[0]][0] == number:
                found[-1][1][1], found[-1][2][1] = places[last][1], stop
            else:
                found.append((works[number][0], [places[first][0], places[last][1]], [start, stop]))
            previous = (pattern, last)
        return found

    return scan


serve(build)
