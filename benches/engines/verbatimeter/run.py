"""verbatimeter: every output against every work."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve
from verbatimeter import check

RUN = 8


def build(works):
    def scan(text):
        chunks = [match.span() for match in re.finditer(r"\S+", text)]
        found = []
        for name, source in works:
            result = check(text, source, ngram=RUN, count_tokens=len)
            # Its words are the text's chunks between white space; a run goes on over chunks without a letter.
            run = None
            for word, (start, end) in zip(result.words, chunks):
                if word.verbatim:
                    run = [run[0] if run else start, end]
                elif word.verbatim is False and run:
                    found.append((name, run, None))
                    run = None
            if run:
                found.append((name, run, None))
        return found

    return scan


serve(build)
