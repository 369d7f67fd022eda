"""datasketch: MinHash with LSH over windows or whole texts, and LSH Ensemble, which looks for containment."""

import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from datasketch import MinHash, MinHashLSH, MinHashLSHEnsemble
from protocol import merged, serve, windows, words

PERMUTATIONS = 128
SHINGLE = 3
# Words of a work's window for LSH Ensemble: a lyric.
WORK_WINDOW = 170


def sketches(sets):
    """A MinHash of each set."""
    return MinHash.bulk(sets, num_perm=PERMUTATIONS, hashfunc=zlib.crc32)


def shingles(folded):
    return [" ".join(folded[at : at + SHINGLE]).encode() for at in range(max(1, len(folded) - SHINGLE + 1))]


def lsh(length, step, threshold, bands, width):
    def build(works):
        index = MinHashLSH(num_perm=PERMUTATIONS, params=(bands, width))
        owners, known = [], []
        for number, (_, text) in enumerate(works):
            folded, _ = words(text)
            cut = windows(len(folded), length, step)
            for sketch in sketches([shingles(folded[first:last]) for first, last in cut]):
                index.insert(len(owners), sketch, check_duplication=False)
                owners.append(number)
                known.append(sketch)

        def scan(text):
            folded, places = words(text)
            cut = windows(len(folded), length, step)
            found = []
            for sketch, (first, last) in zip(sketches([shingles(folded[first:last]) for first, last in cut]), cut):
                for candidate in index.query(sketch):
                    if sketch.jaccard(known[candidate]) >= threshold:
                        found.append((owners[candidate], first, last))
            return spans(works, places, found)

        return scan

    return build


def ensemble(length, step):
    def build(works):
        index = MinHashLSHEnsemble(threshold=0.5, num_perm=PERMUTATIONS, num_part=8)
        entries = []
        owners = []
        for number, (_, text) in enumerate(works):
            folded, _ = words(text)
            cut = windows(len(folded), WORK_WINDOW, WORK_WINDOW // 2)
            sets = [shingles(folded[first:last]) for first, last in cut]
            for sketch, members in zip(sketches(sets), sets):
                entries.append((len(owners), sketch, len(set(members))))
                owners.append(number)
        index.index(entries)
        del entries

        def scan(text):
            folded, places = words(text)
            cut = windows(len(folded), length, step)
            sets = [shingles(folded[first:last]) for first, last in cut]
            found = []
            for sketch, members, (first, last) in zip(sketches(sets), sets, cut):
                for candidate in index.query(sketch, len(set(members))):
                    found.append((owners[candidate], first, last))
            return spans(works, places, found)

        return scan

    return build


def spans(works, places, found):
    return [(works[number][0], (places[first][0], places[last - 1][1]), None) for number, first, last in merged(found)]


kind, length, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if kind == "lsh":
    serve(lsh(length, step, threshold=0.1, bands=64, width=2))
elif kind == "whole":
    serve(lsh(length, step, threshold=0.5, bands=32, width=4))
else:
    serve(ensemble(length, step))
