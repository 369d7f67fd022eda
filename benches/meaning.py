"""Search by meaning against the same model elsewhere: whether the vectors are those of sentence-transformers, how fast they are made
beside ONNX Runtime in Python, and whether a verse of one translation of the Bible finds its like in another (`kjv_jps`).

    cargo build --release -p nagalm-cli -p nagalm-embed --example vectors --bin nagalm
    pip install numpy onnxruntime tokenizers rapidfuzz    # and sentence-transformers, to hold the vectors to it
    python benches/meaning.py MODEL_DIR ../shared/data/kjv_jps/FILE.jsonl.gz [--text FOLDER] [--only vectors,speed,verses,unrelated]

MODEL_DIR is what `corpora/minilm` makes; ORT_DYLIB_PATH names the library of ONNX Runtime. Exit code 1 where a goal is not reached.

A pair of verses is left aside as numbered otherwise where the JPS verse shares twice as many rare words with another KJV verse of the same
or a neighbouring chapter as with its own: that is decided by words alone, before any vector is looked at. How similar two verses are is
told by their words, too: twice the longest common subsequence, as a share of both.
"""

import argparse
import collections
import gzip
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
from rapidfuzz.distance import Indel
from tokenizers import Tokenizer

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path(__file__).resolve().parents[1] / "target")) / "release"
MODEL = "all-minilm-l6-v2"


class Reference:
    """The model as ONNX Runtime runs it in Python, one passage at a time."""

    def __init__(self, folder, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)

    def embed(self, texts):
        vectors = []
        for text in texts:
            ids = np.array([self.tokenizer.encode(text).ids], dtype=np.int64)
            given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            vector = self.session.run(None, given)[0][0].mean(axis=0)
            vectors.append(vector / np.linalg.norm(vector))
        return np.array(vectors)


def ours(folder, texts, cores=None):
    """Our vectors, and the seconds that they took."""
    lines = "".join(json.dumps(text) + "\n" for text in texts).encode()
    command = [TARGET / "examples/vectors", MODEL, folder]
    if cores:
        command = ["taskset", "-c", cores, *command]
    done = subprocess.run(command, input=lines, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<f4").reshape(len(texts), -1), float(done.stderr)


def passages(texts_folder, verses, count):
    """Passages of prose and verse in several languages."""
    found = []
    if texts_folder:
        for path in sorted(texts_folder.glob("*.txt")):
            found += [part.strip()[:300] for part in path.read_text(encoding="utf-8").split("\n\n") if len(part) > 60]
    found += [verse["jps"] for verse in verses]
    found = random.Random(1).sample(found, min(len(found), count - 8))
    return found + [
        "Über allen Gipfeln ist Ruh, in allen Wipfeln spürest du kaum einen Hauch.",
        "Daar was laatst een meisje loos, die wou gaan varen als licht matroos.",
        "子曰：學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？",
        "Мой дядя самых честных правил, когда не в шутку занемог.",
        "قفا نبك من ذكرى حبيب ومنزل",
        "Nel mezzo del cammin di nostra vita mi ritrovai per una selva oscura",
        "emoji 🎵🎶 and ﬁgures: 1½ × 10⁻³, naïve café",
        "x" * 400,
    ]


def rare_words(verses):
    split = [set(re.findall(r"[a-z]+", verse.lower())) for verse in verses]
    counts = collections.Counter(word for words in split for word in words)
    return [{word: math.log(len(verses) / counts[word]) for word in words} for words in split]


def shifted(verses):
    """Numbers of the pairs that are numbered otherwise."""
    both = rare_words([verse["kjv"] for verse in verses] + [verse["jps"] for verse in verses])
    kjv, jps = both[: len(verses)], both[len(verses) :]
    chapters = collections.defaultdict(list)
    for number, verse in enumerate(verses):
        book, place = verse["ref"].rsplit(" ", 1)
        chapters[book, int(place.split(":")[0])].append(number)

    def common(one, other):
        shared = sum(weight for word, weight in one.items() if word in other)
        return shared / (1e-9 + sum(one.values()) + sum(other.values()) - shared)

    found = set()
    for (book, chapter), numbers in chapters.items():
        near = [n for step in (-1, 0, 1) for n in chapters.get((book, chapter + step), [])]
        for number in numbers:
            own = common(jps[number], kjv[number])
            if any(common(jps[number], kjv[other]) > 2 * own for other in near if other != number):
                found.add(number)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("verses", type=Path)
    parser.add_argument("--text", type=Path)
    parser.add_argument("--only", default="vectors,speed,verses")
    options = parser.parse_args()
    verses = [json.loads(line) for line in gzip.open(options.verses, "rt", encoding="utf-8")]
    missed = []

    def goal(what, value, reached):
        print(f"{what}: {value}{'' if reached else '   NOT REACHED'}", flush=True)
        if not reached:
            missed.append(what)

    if "vectors" in options.only:
        texts = passages(options.text, verses, 1000)
        mine, _ = ours(options.model, texts)
        reference = Reference(options.model).embed(texts)
        least = (mine * reference).sum(axis=1).min()
        goal(f"least cosine with ONNX Runtime in Python, {len(texts)} passages (goal: above 0.9999)", f"{least:.7f}", least > 0.9999)
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            print("SKIPPED: sentence-transformers is not installed")
        else:
            weights = os.environ.get("SENTENCE_TRANSFORMERS_MODEL", str(options.model))
            theirs = SentenceTransformer(weights, device="cpu").encode(texts, normalize_embeddings=True)
            least = (mine * theirs).sum(axis=1).min()
            goal("least cosine with sentence-transformers (goal: above 0.9999)", f"{least:.7f}", least > 0.9999)

    if "speed" in options.only:
        texts = random.Random(2).sample([verse["jps"] for verse in verses], 400)
        reference = Reference(options.model)
        reference.embed(texts[:20])
        ratios = []
        for _ in range(5):
            _, mine = ours(options.model, texts, cores="0")
            cores = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {0})
            began = time.perf_counter()
            reference.embed(texts)
            theirs = time.perf_counter() - began
            os.sched_setaffinity(0, cores)
            ratios.append(theirs / mine)
        ratio = float(np.median(ratios))
        goal(f"passages a second against ONNX Runtime in Python, one core, median of 5 (goal: 95%; {len(texts) / mine:.0f} a second)", f"{ratio:.1%}", ratio >= 0.95)

    if "verses" in options.only:
        aside = shifted(verses)
        print(f"{len(verses):,} pairs, {len(aside)} left aside as numbered otherwise")
        kjv, _ = ours(options.model, [verse["kjv"] for verse in verses])
        jps, _ = ours(options.model, [verse["jps"] for verse in verses])
        own = (kjv * jps).sum(axis=1)
        # The rank of the right verse: verses whose KJV side is the same are as right.
        texts = [verse["kjv"] for verse in verses]
        first = np.zeros(len(verses), bool)
        for start in range(0, len(verses), 1000):
            best = (jps[start : start + 1000] @ kjv.T).argmax(axis=1)
            first[start : start + 1000] = [texts[found] == texts[start + row] for row, found in enumerate(best)]
        words = [[re.findall(r"[a-z’]+", verse[side].lower()) for side in ("kjv", "jps")] for verse in verses]
        alike = np.array([Indel.normalized_similarity(kjv_words, jps_words) for kjv_words, jps_words in words])
        kept = np.array([number not in aside for number in range(len(verses))])
        far = kept & (alike < 0.5)
        print(f"exact search in Python over whole verses: right first {first[kept].mean():.1%} of {kept.sum():,}, {first[far].mean():.1%} of {far.sum()} with similarity below 0.5")
        print(f"cosine of those pairs: mean {own[far].mean():.3f}, deviation {own[far].std():.3f}")
        with tempfile.TemporaryDirectory() as folder:
            works = Path(folder, "works.jsonl")
            works.write_text("".join(json.dumps({"work_id": v["ref"], "text": v["kjv"]}) + "\n" for v in verses), encoding="utf-8")
            binary, registry = TARGET / "nagalm", f"{folder}/kjv.nagalm"
            subprocess.run([binary, "register", registry, works], check=True, stderr=subprocess.DEVNULL)
            subprocess.run([binary, "embed", registry, "--model", MODEL, "--model-dir", options.model], check=True)
            found = verses_found(binary, registry, options.model, verses, texts)
        goal("the right verse first, of all pairs (goal: 90%)", f"{found[kept].mean():.1%}", found[kept].mean() >= 0.9)
        goal("of those with similarity below 0.5 (goal: 60%)", f"{found[far].mean():.1%}", found[far].mean() >= 0.6)
    if "unrelated" in options.only:
        if not options.text:
            parser.error("--only unrelated wants --text: a folder of prose that has nothing to do with the Bible")
        rng = random.Random(3)
        works = rng.sample(verses, 5000)
        prose = [part for path in sorted(options.text.glob("en-*.txt")) for part in path.read_text(encoding="utf-8").split("\n\n")]
        unrelated = [" ".join(rng.sample(prose, 8))[:1000] for _ in range(400)]
        related = [verse["jps"] for verse in rng.sample(works, 400)]
        registered = {verse["ref"] for verse in works}
        others = [verse["jps"] for verse in rng.sample([verse for verse in verses if verse["ref"] not in registered], 400)]
        with tempfile.TemporaryDirectory() as folder:
            for what, texts in [("documentation, 1,000 characters each", unrelated), ("verses of which none is registered", others)]:
                told = scanned(Path(folder), options.model, works, texts)
                share = sum(bool(report["meaning"]["matches"]) for report in told) / len(told)
                goal(f"{what}: outputs with a paraphrase, default threshold (goal: 1%)", f"{share:.2%} of {len(told)}", share <= 0.01)
            told = scanned(Path(folder), options.model, works, related)
            by_words = sum(bool(report["matches"]) for report in told) / len(told)
            either = sum(bool(report["matches"] or report["meaning"]["matches"]) for report in told) / len(told)
            print(f"the same verse in the other translation: found by its words {by_words:.1%}, by words or meaning {either:.1%} of {len(told)}")
    sys.exit(bool(missed))


def scanned(folder, model, works, texts):
    """Reports of a scan by meaning against these verses."""
    binary, registry = TARGET / "nagalm", folder / "some.nagalm"
    if not registry.exists():
        lines = "".join(json.dumps({"work_id": v["ref"], "text": v["kjv"]}) + "\n" for v in works)
        (folder / "works.jsonl").write_text(lines, encoding="utf-8")
        subprocess.run([binary, "register", registry, folder / "works.jsonl"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run([binary, "embed", registry, "--model", MODEL, "--model-dir", model], check=True)
    lines = "".join(json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts))
    command = [binary, "scan", registry, "-", "--meaning", "--model-dir", model]
    done = subprocess.run(command, input=lines.encode(), capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def verses_found(binary, registry, model, verses, texts):
    """For each verse whether the passage nearest to any of its passages is of the right one."""
    # One text for all: a verse a paragraph would be cut anew. A file for each would start the model as often.
    found = []
    by_ref = {verse["ref"]: text for verse, text in zip(verses, texts, strict=True)}
    command = [binary, "neighbours", registry, "-", "-k", "1", "--lines", "--model-dir", model]
    lines = "".join(verse["jps"].replace("\n", " ") + "\n" for verse in verses)
    done = subprocess.run(command, input=lines.encode(), capture_output=True, check=True)
    best = collections.defaultdict(lambda: (-2.0, None))
    for line in done.stdout.splitlines():
        passage = json.loads(line)
        for near in passage["neighbours"]:
            best[passage["line"]] = max(best[passage["line"]], (near["similarity"], near["work_id"]))
    for number, text in enumerate(texts):
        work = best[number + 1][1]
        found.append(by_ref.get(work) == text)
    return np.array(found)


if __name__ == "__main__":
    main()
