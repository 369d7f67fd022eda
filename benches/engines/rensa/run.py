"""rensa: MinHash with LSH over windows of works and outputs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import merged, serve, windows, words
from rensa import RMinHash, RMinHashLSH

PERMUTATIONS = 128
BANDS = 64
THRESHOLD = 0.1
SHINGLE = 3


def shingles(folded):
    return [" ".join(folded[at : at + SHINGLE]) for at in range(max(1, len(folded) - SHINGLE + 1))]


def build(works):
    length, step = (int(number) for number in sys.argv[1:3])
    lsh = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    owners, sketches = [], []
    for number, (_, text) in enumerate(works):
        folded, places = words(text)
        sets, spans = [], []
        for first, last in windows(len(folded), length, step):
            sets.append(shingles(folded[first:last]))
            spans.append((places[first][0], places[last - 1][1]))
        for sketch, span in zip(RMinHash.from_token_sets(sets, num_perm=PERMUTATIONS, seed=42), spans):
            lsh.insert(len(owners), sketch)
            owners.append((number, span))
            sketches.append(sketch)

    def scan(text):
        folded, places = words(text)
        cut = windows(len(folded), length, step)
        sets = [shingles(folded[first:last]) for first, last in cut]
        found = []
        for sketch, (first, last) in zip(RMinHash.from_token_sets(sets, num_perm=PERMUTATIONS, seed=42), cut):
            for candidate in lsh.query(sketch):
                if sketch.jaccard(sketches[candidate]) >= THRESHOLD:
                    found.append((owners[candidate][0], first, last))
        return [(works[number][0], (places[first][0], places[last - 1][1]), None) for number, first, last in merged(found)]

    return scan


serve(build)
