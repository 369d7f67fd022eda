"""infini-gram: a suffix array over all works, and `attribute`, as OLMoTrace calls it."""

import resource
import subprocess
import sys
from bisect import bisect_right
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
from infini_gram.engine import InfiniGramEngine
from protocol import serve, words

# Of the 65,536 tokens the last parts works, the first is the end of text; rare words share the last 500.
FREQUENT = 65_000
RARE = 500
LEAST = 8
PLACES = 10


def build(works):
    folder = Path(sys.argv[-1]).resolve() / "index"
    folder.mkdir()
    counts = Counter()
    for _, text in works:
        counts.update(words(text)[0])
    numbers = {word: number + 1 for number, (word, _) in enumerate(counts.most_common(FREQUENT))}

    def tokens(folded):
        return [numbers.get(word) or FREQUENT + 1 + hash(word) % RARE for word in folded]

    offsets = []
    with open(folder / "tokenized.0", "wb") as file:
        for _, text in works:
            offsets.append(file.tell())
            file.write(b"\xff\xff" + np.array(tokens(words(text)[0]), dtype=np.uint16).tobytes())
    (folder / "offset.0").write_bytes(np.array(offsets, dtype=np.uint64).tobytes())
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    indexer = [sys.executable, "-m", "infini_gram.indexing", "--data_dir", str(folder), "--save_dir", str(folder)]
    indexer += ["--temp_dir", str(folder), "--cpus", "1", "--mem", "4", "--ulimit", str(min(files, 4096))]
    subprocess.run(indexer, check=True)

    engine = InfiniGramEngine(index_dir=str(folder), eos_token_id=0, vocab_size=65_535, load_to_ram=True)

    def scan(text):
        folded, places = words(text)
        result = engine.attribute(
            input_ids=tokens(folded), delim_ids=[], min_len=LEAST, max_cnt=PLACES, enforce_bow=False
        )
        if "error" in result:
            raise ValueError(result["error"])
        found = []
        for span in result["spans"]:
            first, last = span["l"], span["r"] - 1
            for number in {bisect_right(offsets, doc["ptr"]) - 1 for doc in span["docs"]}:
                found.append((works[number][0], (places[first][0], places[last][1]), None))
        return found

    scan.index_bytes = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return scan


serve(build)
