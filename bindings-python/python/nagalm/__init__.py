"""Finds the echo of registered works in what generative models say.

A :class:`Registry` holds works, a :class:`Scanner` takes texts and gives a :class:`Report` for each:

>>> import nagalm
>>> registry = nagalm.Registry.from_works([
...     {"work_id": "ferry", "title": "The Ferryman",
...      "text": "The ferryman counts his coins by the lamp at the end of the pier, "
...              "and the river goes under him, black as a bottle, and nothing comes near."},
... ])
>>> text = "Sure! and the river goes under him, black as a bottle, and nothing comes near. More?"
>>> report = nagalm.Scanner(registry).scan(text)
>>> match = report.matches[0]
>>> match.work_id, match.kind
('ferry', 'verbatim')
>>> text[match.output.start:match.output.end]
'and the river goes under him, black as a bottle, and nothing comes near'

All offsets count Unicode code points, as Python's strings do.
"""

from nagalm._native import (
    Added,
    ArrowTable,
    Coverage,
    Edit,
    Finding,
    Info,
    LetterCounts,
    Match,
    Quote,
    Registry,
    Report,
    ReportIterator,
    Scanner,
    SealedFile,
    SealedFindings,
    SealedMatch,
    SealKey,
    Span,
    Statistics,
    WordCounts,
    WorkIterator,
    WorkShare,
    __version__,
    check,
    compact,
)
from nagalm.errors import (
    ChangedError,
    CorruptError,
    Error,
    ExistsError,
    InputError,
    IoError,
    LimitError,
    LockedError,
    NotFoundError,
    UntrustedError,
    VersionError,
)

__all__ = [
    "Added",
    "ArrowTable",
    "ChangedError",
    "CorruptError",
    "Coverage",
    "Edit",
    "Error",
    "ExistsError",
    "Finding",
    "Info",
    "InputError",
    "IoError",
    "LetterCounts",
    "LimitError",
    "LockedError",
    "Match",
    "NotFoundError",
    "Quote",
    "Registry",
    "Report",
    "ReportIterator",
    "Scanner",
    "SealKey",
    "SealedFile",
    "SealedFindings",
    "SealedMatch",
    "Span",
    "Statistics",
    "UntrustedError",
    "VersionError",
    "WordCounts",
    "WorkIterator",
    "WorkShare",
    "__version__",
    "check",
    "compact",
]
