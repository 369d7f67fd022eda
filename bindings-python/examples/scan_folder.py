"""Scans every text of a folder and prints what was found, one line a match.

    python scan_folder.py REGISTRY FOLDER [PATTERN]

PATTERN is which files are texts, `**/*.txt` without it. The exit code is 1 where something was found, as the command line has it.
"""

import sys
from pathlib import Path

import nagalm


def texts(folder: Path, pattern: str):
    """The folder's texts, read as they are wanted; those that are no UTF-8 are told and left out."""
    for path in sorted(folder.glob(pattern)):
        try:
            yield {"id": str(path.relative_to(folder)), "text": path.read_text(encoding="utf-8")}
        except UnicodeDecodeError as error:
            print(f"{path}: {error}", file=sys.stderr)


def main(registry: str, folder: str, pattern: str = "**/*.txt") -> int:
    scanner = nagalm.Scanner(nagalm.Registry.open(registry))
    found = 0
    for report in scanner.scan_batch(texts(Path(folder), pattern)):
        for match in report.matches:
            found += 1
            words = f"{match.words.matched} words"
            print(f"{report.id}:{match.output.start}-{match.output.end}: {match.kind}, {words} of {match.title or match.work_id}")
    return int(found > 0)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
