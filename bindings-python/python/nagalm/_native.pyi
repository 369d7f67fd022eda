# What the built module has: `python -m mypy.stubtest nagalm` holds this file against it. Docstrings are the module's own.

from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias, final

from typing_extensions import CapsuleType

__all__ = [
    "Added",
    "ArrowTable",
    "Coverage",
    "Edit",
    "Finding",
    "Info",
    "LetterCounts",
    "Match",
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
    "WordCounts",
    "WorkIterator",
    "WorkShare",
    "__version__",
    "check",
    "compact",
    "main",
    "restore_registry",
    "restore_scanner",
]

__version__: Final[str]

class _Table(Protocol):
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

_Path: TypeAlias = str | PathLike[str]
_Pickled: TypeAlias = tuple[_Path, bool, list[str], bool]

@final
class Registry:
    """Works and the index over them: on disk, in memory, or sealed.

    It is made by ``Registry.open``, ``create``, ``from_works``, ``in_memory`` or ``from_sealed``. A scanner sees the registry as
    it stood when the scanner was made.

    >>> registry = nagalm.Registry.from_works([{"work_id": "a", "text": "one two three four five six seven eight"}])
    >>> len(registry), "a" in registry, registry["a"]["text"]
    (1, True, 'one two three four five six seven eight')
    >>> [work["work_id"] for work in registry]
    ['a']

    It pickles by its path and its content hash; one that changed since is refused (``ChangedError``). One in memory cannot be
    pickled (``TypeError``).
    """
    def __new__(cls) -> Registry: ...
    @staticmethod
    def open(
        path: _Path, *, mapped: bool = False, trust: list[str] = ..., unverified: bool = False
    ) -> Registry:
        """Opens the registry at `path`: a folder, or a sealed file.

        `mapped` maps the index files instead of reading them: opening takes milliseconds however large the registry is, and
        processes share one copy in memory. Checksums are not compared then, and whoever cuts such a file off ends this process;
        map only what nobody else writes to.

        `trust` are public keys (64 hexadecimal digits): a sealed file is taken only if one of them signed it. With `unverified` it
        is taken whatever its signature; reports say so.

        Raises NotFoundError, CorruptError, VersionError, UntrustedError, LockedError, IoError; InputError where `trust` holds no
        key.
        """
    @staticmethod
    def create(path: _Path, works: _Table | Iterable[Any] | None = None) -> Registry:
        """Makes a registry on disk, a folder at `path`, perhaps with works: all of them, or nothing is made.

        Raises ExistsError where there is something already, InputError where a work is refused, IoError.
        """
    @staticmethod
    def in_memory() -> Registry:
        """An empty registry in memory. Each `add` makes its index anew: give many works at once."""
    @staticmethod
    def from_works(works: _Table | Iterable[Any]) -> Registry:
        """A registry in memory, from works as `add` takes them. Time and memory are linear in their text.

        Raises InputError where a work is refused; what an iterable raises comes through.
        """
    @staticmethod
    def from_sealed(data: bytes, *, trust: list[str] = ..., unverified: bool = False) -> Registry:
        """A sealed registry from the bytes of its file. `trust` and `unverified` are those of `open`.

        Raises CorruptError, VersionError, UntrustedError.
        """
    def add(
        self,
        works: _Table | Iterable[Any],
        *,
        strict: bool = True,
        progress: bool | Callable[[int], object] | None = None,
    ) -> Added:
        """Adds works; one with a `work_id` that is there already replaces it.

        `works` is a table (pyarrow, pandas, polars, DuckDB, whatever has ``__arrow_c_stream__``) or an iterable of mappings or
        dataclasses. Each needs `work_id` and `text`; the README lists what else is known, and all other fields are kept.

        All works are taken at once, at the end, or none. With ``strict=False`` works that are refused are left out, and named in
        the result's `refused`. `progress` is True for a line on standard error, or a callable that gets the number of works so
        far.

        Raises InputError where a work is refused, LockedError where another writer is at work, IoError; what the iterable or
        `progress` raises comes through. After any of them the registry is as it was.
        """
    def withdraw(self, work_ids: str | Iterable[str]) -> int:
        """Withdraws a work, or several: they are found no more. Returns how many were there.

        Raises LockedError, IoError; InputError where the registry is sealed.
        """
    def compact(self) -> None:
        """Rebuilds the index without what was withdrawn or replaced. Takes time linear in the registry."""
    def check(self) -> list[Finding]:
        """Reads everything again and names what does not hold; an empty list is good news. See also `nagalm.check`, for a registry
        that does not open.
        """
    def info(self) -> Info:
        """The registry in numbers."""
    @property
    def path(self) -> Path | None:
        """Where it was opened; None in memory."""
    @property
    def content_hash(self) -> str:
        """Hash over all works and their metadata (BLAKE3, hexadecimal), whatever order they came in. Of a sealed registry: of its
        file.
        """
    @property
    def seal_info(self) -> dict[str, Any] | None:
        """What a sealed registry says of itself, as a dictionary; None where this one holds its works."""
    def work(self, work_id: str) -> dict[str, Any] | None:
        """One work as a dictionary, as it stands now; None where there is none with this identifier.

        Raises InputError where the registry is sealed, CorruptError.
        """
    def seal(
        self,
        key: SealKey,
        *,
        recipient: str,
        release: str,
        profile: Literal["public", "contract"] = "public",
        metadata: Literal["none", "ids", "titles"] = "ids",
        signed: bool = True,
    ) -> SealedFile:
        """Makes a file that scans without the works' texts, for those who must not have them. The README of the project says what it
        finds and what it gives away.

        `profile` is "public" or "contract", `metadata` what is said of works: "none", "ids" or "titles". Same registry, key and
        options give the same bytes.

        Raises InputError where the registry is sealed already or has no work that is long enough.
        """
    def prove(self, key: SealKey, sealed: Registry, work_id: str) -> str:
        """A proof (JSON) that a work, with the text that it has in this registry, is in the registry `sealed`.

        Raises InputError where `sealed` is none or was not made with this key, NotFoundError where there is no such work.
        """
    def verify_proof(self, proof: str, text: str) -> dict[str, int]:
        """Whether a proof shows that `text` was in this sealed registry: the `work`'s number there, how many of its `grams` stand in
        the text, of how many `entries`.

        Raises NotFoundError where it does not hold, InputError where this is no proof for this registry.
        """
    def export_tables(self, folder: _Path) -> None:
        """Writes this registry as tables into a new folder, for an engine that joins them where the index is too large for one machine
        (`nagalm.spark.scan_joined`): ``seeds.parquet`` (`key`, `work` or null where a gram is common, `word`), ``works.parquet``
        (`number`, `work_id`, `title`, `text`), ``statistics.bin``. Chooses the seeds anew, in as much time and memory as
        registering takes.

        Raises ExistsError where there is something at `folder`, InputError where the registry is sealed, or works were withdrawn
        from it since it was compacted, IoError.
        """
    def statistics(self) -> Statistics:
        """What is counted over the whole registry and decides what a match is worth.

        Raises InputError where the registry is sealed, or works were withdrawn from it since it was compacted.
        """
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __contains__(self, key: str, /) -> bool: ...
    def __getitem__(self, key: str, /) -> dict[str, Any]: ...
    def __iter__(self) -> WorkIterator: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class WorkIterator:
    """Gives a registry's works one after the other, as dictionaries. A thread reads a few ahead."""
    def __iter__(self) -> WorkIterator: ...
    def __next__(self) -> dict[str, Any]: ...

@final
class Added:
    """What became of works that were added: how many are `added`, `replaced`, `unchanged`; of those `refused`, their number in
    what came (from 0) and why; `warnings`, pairs of a `work_id` and what is odd about it, the first 1,000 of `warning_count`; the
    registry's `content_hash` from now on.
    """
    @property
    def added(self) -> int: ...
    @property
    def replaced(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def refused(self) -> list[tuple[int, str]]: ...
    @property
    def warnings(self) -> list[tuple[str, str]]: ...
    @property
    def warning_count(self) -> int: ...
    @property
    def content_hash(self) -> str: ...

@final
class Finding:
    """Something that `check` found wrong: the file or work (`place`), and what is to be done (`problem`)."""
    @property
    def place(self) -> str: ...
    @property
    def problem(self) -> str: ...

@final
class Info:
    """A registry in numbers: `works` that are searched, their `words` and `text_bytes` (UTF-8); `segments` of the index and
    `index_bytes` without the texts; `withdrawn` works that still take room; `content_hash`; the `format`'s version and that of
    the `unicode` tables.
    """
    @property
    def works(self) -> int: ...
    @property
    def words(self) -> int: ...
    @property
    def text_bytes(self) -> int: ...
    @property
    def segments(self) -> int: ...
    @property
    def index_bytes(self) -> int: ...
    @property
    def withdrawn(self) -> int: ...
    @property
    def content_hash(self) -> str: ...
    @property
    def format(self) -> int: ...
    @property
    def unicode(self) -> str: ...

@final
class SealKey:
    """A society's secret for sealing: it signs, and decides which grams are stored. Keep it, and use it for every release; whoever
    has it can sign in your name.
    """
    @staticmethod
    def generate(signer: str) -> SealKey:
        """A key out of the operating system's randomness, for a signer of this name. Raises InputError where that is none."""
    @staticmethod
    def from_json(json: str) -> SealKey:
        """The key again from `to_json`, or from the command line's `society.key`. Raises InputError."""
    def to_json(self) -> str:
        """The key as one line of JSON, secret and all: for a file that nobody else may read."""
    @property
    def signer(self) -> str:
        """Whose key it is."""
    @property
    def public_key(self) -> str:
        """The public half of the signature, in hexadecimal: recipients give it as `trust`."""

@final
class SealedFile:
    """A sealed registry, to be written to a file: its `data`, how many `works` are in it, and which were `too_short` for its profile."""
    @property
    def data(self) -> bytes: ...
    @property
    def works(self) -> int: ...
    @property
    def too_short(self) -> list[str]: ...

@final
class Statistics:
    """What is counted over a whole registry and decides what a match is worth: with it, a few of the registry's works are scanned
    as if they were the whole. A tenth of the index, without any text.

    It is `Registry.statistics()`, or read from ``statistics.bin`` of `Registry.export_tables`.

    >>> registry = nagalm.Registry.from_works([{"work_id": "a", "text": "one two three four five six seven eight"}])
    >>> statistics = nagalm.Statistics.from_bytes(registry.statistics().to_bytes())
    >>> statistics.content_hash == registry.content_hash
    True
    """
    @staticmethod
    def from_bytes(data: bytes) -> Statistics:
        """Reads what `to_bytes` gave. Linear.

        Raises CorruptError, VersionError.
        """
    def to_bytes(self) -> bytes:
        """As bytes that `from_bytes` reads."""
    @property
    def content_hash(self) -> str:
        """Content hash of the whole registry."""
    def grams(self, table: _Table, *, text: str = "text") -> ArrowTable:
        """The keys of all seeds that a scan of each text of the column `text` may look up: a table with one column `keys`, a sorted
        list for each row. It is null where the text is null, or cannot be scanned.

        Raises KeyError where there is no such column, TypeError where it holds no text or `table` is none.
        """
    def excerpt(self, works: _Table, seeds: _Table) -> Registry:
        """A registry in memory of some works, with the seeds that lead to them: texts that asked for these seeds and no others are
        reported as against the whole registry.

        `works` is a table with the columns of ``works.parquet`` (`number`, `work_id`, `title`, `text`), `seeds` one with those of
        ``seeds.parquet`` (`key`, `work`, `word`), rows in any order. Linear in the works' text and in the statistics.

        Raises KeyError and TypeError where columns are missing or of other types, InputError where rows are of another registry or
        a work stands twice.
        """

@final
class Scanner:
    """Scans texts against a registry as it stood when the scanner was made.

    `max_evalue`: matches are reported up to this E-value, the number of matches this good expected by chance in one scan (0.0001).
    `min_words`: how many equal words in a row a match should have, or a little more with changes between them (8).
    `verbatim_only`: only passages that are equal word for word. `quote`: whether matches carry both passages' text. `always_hash`:
    whether reports without a match carry the SHA-256 of their text, too.

    Making one adds up the registry's words: some ten milliseconds for 100,000 works. Any number of threads may use it. It pickles
    with its registry. Raises InputError where `max_evalue` is not above 0.

    >>> scanner = nagalm.Scanner(nagalm.Registry.in_memory(), min_words=10)
    >>> scanner.scan("nothing is registered, nothing is found").matches
    ()
    """
    def __new__(
        cls,
        registry: Registry,
        *,
        max_evalue: float | None = None,
        min_words: int | None = None,
        verbatim_only: bool = False,
        quote: bool = True,
        always_hash: bool = True,
    ) -> Scanner: ...
    def scan(self, text: str, *, id: str | int | None = None, **fields: Any) -> Report:
        """Scans one text. Linear in its length.

        `id` and all other fields (`prompt`, `model`, `created`, …) travel through to the report; a field that has the name of one
        of the report's own goes under ``input_NAME``.

        Raises LimitError for a text of 1 GiB or more, UnicodeEncodeError for lone surrogates, TypeError for what is no text, and
        where a registry's text can no longer be read from disk.
        """
    def scan_batch(self, texts: Iterable[str | Mapping[str, Any]]) -> ReportIterator:
        """Scans many texts on all cores; an iterator over their reports, in their order.

        `texts` is an iterable of strings, whose `id` is then their number from 0, or of mappings with `text`, perhaps `id`, and
        other fields. It is read a little ahead, never more than three chunks of at most 256 texts or 1 MB. Set
        ``RAYON_NUM_THREADS`` for fewer threads.

        What is wrong with a text, and what `texts` raises, is raised in its place, after all reports before it. Ctrl-C ends it at
        once.

        >>> scanner = nagalm.Scanner(nagalm.Registry.in_memory())
        >>> [report.id for report in scanner.scan_batch(["a text", {"text": "another", "id": "x"}])]
        ['0', 'x']
        """
    def scan_arrow(self, table: _Table, *, text: str = "text", explode: bool = False) -> ArrowTable:
        """Scans the column `text` of a table, on all cores: Arrow in, Arrow out.

        `table` is whatever has ``__arrow_c_stream__`` (a table or batch of pyarrow, a DataFrame of pandas or polars, a relation of
        DuckDB). Its columns come back, and beside them the report's: `complete`, `not_searched`, `text_sha256`, `coverage`,
        `matches`, `works`, `sealed`, nested as in the report's JSON; or with `explode` one row a match (and one for a text without
        any), flat as in the CSV report. An input column that has the name of one of these goes under ``input_NAME``. A null text
        has nulls. A row that cannot be scanned says why in the column `error`, which is null elsewhere.

        All of the result is in memory: for a stream that is larger, call it batch by batch.

        Raises KeyError where there is no such column, TypeError where it holds no text or `table` is none, InputError where it
        cannot be read.
        """
    @property
    def content_hash(self) -> str:
        """Content hash of the registry that is searched."""
    @property
    def max_evalue(self) -> float: ...
    @property
    def min_words(self) -> int: ...
    @property
    def verbatim_only(self) -> bool: ...
    @property
    def quote(self) -> bool: ...
    @property
    def always_hash(self) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class ReportIterator:
    """Gives the reports of texts, in their order; made by `Scanner.scan_batch`."""
    def __iter__(self) -> ReportIterator: ...
    def __next__(self) -> Report: ...

@final
class ArrowTable:
    """A table of Arrow. Whatever reads the Arrow PyCapsule interface takes it, as often as you like: ``pyarrow.table(t)``,
    ``polars.DataFrame(t)``, ``pandas.DataFrame.from_arrow(t)``; DuckDB queries it by the name of its variable.
    """
    def __arrow_c_stream__(self, requested_schema: Any | None = None) -> CapsuleType: ...
    def __arrow_c_schema__(self) -> CapsuleType: ...
    def to_pyarrow(self) -> Any:
        """The table as one of pyarrow, which must be installed. Nothing is copied."""
    @property
    def num_rows(self) -> int:
        """How many rows there are."""
    @property
    def column_names(self) -> list[str]:
        """The columns' names, in their order."""
    def __len__(self) -> int: ...

@final
class Report:
    """What was found in one text. Attributes are named as in the report's JSON; all offsets count Unicode code points.

    >>> registry = nagalm.Registry.from_works([{"work_id": "a", "text": "one two three four five six seven eight nine"}])
    >>> report = nagalm.Scanner(registry).scan("He said: one two three four five six seven eight nine.", id="x", model="m")
    >>> report
    <nagalm.Report "x", matches=1, coverage=44/54>
    >>> report.fields
    {'model': 'm'}
    >>> nagalm.Report.from_json(report.json()) == report
    True
    """
    @staticmethod
    def from_json(json: str) -> Report:
        """A report from its JSON, as `json` and the command line write it. Raises InputError."""
    def json(self) -> str:
        """The report as JSON on one line: byte for byte what the command line writes."""
    def to_dict(self) -> dict[str, Any]:
        """The report's JSON as a dictionary."""
    @property
    def schema(self) -> str:
        """The form of the report: `nagalm.report/1`."""
    @property
    def id(self) -> str:
        """The text's identifier, as it came in."""
    @property
    def offset_unit(self) -> str:
        """What offsets count: `code_point`."""
    @property
    def complete(self) -> bool:
        """Whether all of the text was searched; if not, `not_searched` names the rest."""
    @property
    def not_searched(self) -> list[Span]:
        """Spans of the text that a cap left unsearched."""
    @property
    def text_sha256(self) -> str | None:
        """SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
    @property
    def registry(self) -> str:
        """Content hash of the registry that was searched."""
    @property
    def version(self) -> str:
        """Version of nagalm that made the report."""
    @property
    def coverage(self) -> Coverage:
        """How much of the text lies in matches, in code points: `matched` of `total`."""
    @property
    def matches(self) -> tuple[Match, ...]:
        """The matches, by place in the text; no two share a word of it."""
    @property
    def works(self) -> list[WorkShare]:
        """For each work that is matched, how much of it came out; the largest share first."""
    @property
    def sealed(self) -> SealedFindings | None:
        """What a sealed registry found, in place of `matches`; else None."""
    @property
    def meaning(self) -> dict[str, Any] | None:
        """Passages that are close in meaning to a work's, as the JSON has them, where a scan looked for meaning (`nagalm scan
        --meaning`); else None.
        """
    @property
    def fields(self) -> dict[str, Any]:
        """The other fields that came in with the text."""
    @property
    def match_count(self) -> int:
        """How many matches there are, in `matches` or through a sealed registry. Leads are none."""
    def _repr_html_(self) -> str:
        """Both texts side by side, copied words marked: what a notebook shows."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Match:
    """Two aligned passages, one in the text (`output`) and one in a work (`source`)."""
    @property
    def work_id(self) -> str:
        """The work's identifier."""
    @property
    def title(self) -> str | None:
        """The work's main title, where it has one."""
    @property
    def kind(self) -> Literal["verbatim", "near-verbatim"]:
        """`verbatim`: equal word for word after folding; `near-verbatim`: with words changed, inserted or left out."""
    @property
    def output(self) -> Span:
        """The passage in the text, in code points."""
    @property
    def source(self) -> Span:
        """The passage in the work's registered text, in code points."""
    @property
    def words(self) -> WordCounts:
        """Words: equal on both sides (`matched`), and in each passage."""
    @property
    def letters(self) -> LetterCounts:
        """Letters and digits that are equal on both sides (`matched`)."""
    @property
    def identity(self) -> float:
        """Share of the longer passage's letters that are equal on both sides, 0 to 1."""
    @property
    def longest_run_words(self) -> int:
        """The longest run of equal words with nothing between them."""
    @property
    def bits(self) -> float:
        """How much information the shared words carry, in bits."""
    @property
    def evalue(self) -> float:
        """Number of matches at least this good expected by chance, for this registry and this length of text."""
    @property
    def edits(self) -> list[Edit]:
        """The two passages aligned, run by run: `op` is `equal`, `changed`, `inserted` or `deleted`."""
    @property
    def also_in(self) -> list[str]:
        """Other works that hold (nearly) the same passage."""
    @property
    def tricks(self) -> list[str]:
        """How the text writes the passage, where that is neither as in the work nor as texts mostly are."""
    @property
    def quote(self) -> Quote | None:
        """Both passages as they stand; None with `quote=False`."""
    def to_dict(self) -> dict[str, Any]:
        """The match's JSON as a dictionary."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Span:
    """A half-open range of a text, in code points: ``text[span.start:span.end]``, or ``text[span.slice]``."""
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def slice(self) -> slice:
        """The span as a slice: ``text[span.slice]``."""
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ge__(self, other: Span, /) -> bool: ...
    def __gt__(self, other: Span, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __le__(self, other: Span, /) -> bool: ...
    def __lt__(self, other: Span, /) -> bool: ...

@final
class Coverage:
    """How much of a text lies within matches, in code points."""
    @property
    def matched(self) -> int: ...
    @property
    def total(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class WordCounts:
    """Words of a match."""
    @property
    def matched(self) -> int: ...
    @property
    def output(self) -> int: ...
    @property
    def source(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class LetterCounts:
    """Letters and digits of a match."""
    @property
    def matched(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Edit:
    """One run of an alignment."""
    @property
    def op(self) -> Literal["equal", "changed", "inserted", "deleted"]: ...
    @property
    def output(self) -> Span: ...
    @property
    def source(self) -> Span: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Quote:
    """The two passages of a match."""
    @property
    def output(self) -> str: ...
    @property
    def source(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class WorkShare:
    """How much of one work came out."""
    @property
    def work_id(self) -> str: ...
    @property
    def matched(self) -> int: ...
    @property
    def share_of_work(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class SealedMatch:
    """A work of a sealed registry."""
    @property
    def work(self) -> int: ...
    @property
    def work_id(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def output(self) -> Span: ...
    @property
    def passages(self) -> list[Span]: ...
    @property
    def grams(self) -> int: ...
    @property
    def words(self) -> int: ...
    @property
    def by_chance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class SealedFindings:
    """What was found through a sealed registry."""
    @property
    def profile(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def release(self) -> str: ...
    @property
    def signer(self) -> str | None: ...
    @property
    def signer_key(self) -> str | None: ...
    @property
    def signature(self) -> Literal["trusted", "valid", "foreign", "wrong", "missing"]: ...
    @property
    def matches(self) -> list[SealedMatch]: ...
    @property
    def leads(self) -> list[SealedMatch]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

def check(path: _Path) -> list[Finding]:
    """Reads everything in the registry at `path` and names what does not hold: an empty list means that every text, every index
    and the content hash are what they were when they were committed. Writes nothing.

    Raises NotFoundError, VersionError, LockedError, IoError; damage is a finding.
    """
def compact(path: _Path) -> None:
    """Rebuilds the index of the registry at `path` from its works: without what was withdrawn, and sound again if it was damaged.

    Raises NotFoundError, CorruptError where a work itself is damaged, LockedError, IoError.
    """
def main(arguments: list[str]) -> int:
    """Does what the arguments say, the first of which is the program's name; gives the code to exit with."""
def restore_registry(pickled: _Pickled, content_hash: str) -> Registry:
    """What unpickling calls."""
def restore_scanner(
    pickled: _Pickled, content_hash: str, with_settings: tuple[float, int, bool, bool, bool]
) -> Scanner:
    """What unpickling calls."""
