"""One line on standard error that says how many works were taken."""

import sys
import time


class Line:
    """Called with the number of works so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._works = 0

    def __call__(self, works: int) -> None:
        self._works = works
        if sys.stderr.isatty():
            print(f"\r{works:,} works", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Says how many there were, and how long it took."""
        begin = "\r" if sys.stderr.isatty() else ""
        print(f"{begin}{self._works:,} works in {time.monotonic() - self._began:.1f} s", file=sys.stderr, flush=True)
