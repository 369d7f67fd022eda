"""Whatever is given, Python gets an exception: never an abort, never a hang."""

import dataclasses
import enum
import json
import re
import threading

import nagalm
import pyarrow as pa
import pytest
from conftest import COPY, WORKS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Many, and the same each time.
many = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

surrogates = st.text(st.characters(categories=None), max_size=20)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**62, max_value=2**200),
    st.floats(),
    surrogates,
    st.binary(max_size=10),
    st.complex_numbers(),
    st.dates(),
    st.timedeltas(),
    st.decimals(),
    st.uuids(),
    st.functions(),
    st.just(object),
    st.builds(object),
    st.just(...),
    st.just(re.compile("a")),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.sets(st.integers(), max_size=3),
        st.dictionaries(st.one_of(surrogates, st.integers(), st.sampled_from(["text", "work_id", "id"])), inner, max_size=4),
        st.iterables(inner, max_size=3),
    ),
    max_leaves=12,
)


def tried(call):
    """What a call gives, or an exception that is one of Python's: a panic is none of these."""
    try:
        return call()
    except Exception as error:
        assert type(error).__name__ != "PanicException"
        return error


@many
@given(anything, anything, st.dictionaries(surrogates.filter(lambda key: key not in ("text", "id")), anything, max_size=3))
def test_scan(text, identifier, fields):
    tried(lambda: SCANNER.scan(text, id=identifier, **fields))
    report = tried(lambda: SCANNER.scan(COPY, id=identifier, **fields))
    if isinstance(report, nagalm.Report):
        assert len(report.matches) == 1
        assert isinstance(json.loads(report.json()), dict)
        assert nagalm.Report.from_json(report.json()) == report
        repr(report), report.fields, report._repr_html_()


@many
@given(anything)
def test_many(things):
    tried(lambda: list(SCANNER.scan_batch(things)))
    tried(lambda: SCANNER.scan_arrow(things))
    tried(lambda: SCANNER.scan_arrow(pa.table({"text": ["a"]}), text=things))


@many
@given(anything, anything)
def test_works(things, other):
    before = len(MEMORY)
    for call in [
        lambda: nagalm.Registry.from_works(things),
        lambda: nagalm.Registry.from_works([things, other]),
        lambda: nagalm.Registry.from_works([{"work_id": "a", "text": COPY, "extra": things, "creators": other}]),
        lambda: nagalm.Registry.from_works([{"work_id": things, "text": other}]),
        lambda: nagalm.Registry.from_sealed(things),
        lambda: nagalm.Registry.open("nowhere", trust=things),
        lambda: MEMORY.withdraw(things) if not isinstance(things, str) else None,
        lambda: MEMORY.work(things),
        lambda: nagalm.Scanner(things),
        lambda: nagalm.Scanner(MEMORY, max_evalue=things, min_words=other),
        lambda: nagalm.Report.from_json(things),
        lambda: nagalm.SealKey.generate(things),
        lambda: MEMORY.verify_proof(things, other),
    ]:
        made = tried(call)
        if isinstance(made, nagalm.Registry):
            # What was taken comes back.
            assert len(list(made)) == len(made)
    assert len(MEMORY) == before


MEMORY = nagalm.Registry.from_works(WORKS)
SCANNER = nagalm.Scanner(MEMORY)


def test_circles_and_depth():
    circle = {"text": COPY}
    circle["self"] = [circle]
    endless = []
    endless.append(endless)
    deep = None
    for _ in range(100_000):
        deep = [deep]
    for wrong in [circle, {"text": COPY, "x": endless}, {"text": COPY, "x": deep}]:
        with pytest.raises(RecursionError):
            next(SCANNER.scan_batch([wrong]))
    # As deep as it may be can be read back.
    deepest = None
    for _ in range(98):
        deepest = [deepest]
    registry = nagalm.Registry.from_works([{"work_id": "a", "text": COPY, "deep": deepest}])
    assert registry["a"]["deep"] == deepest

    @dataclasses.dataclass
    class Circle:
        text: str = COPY
        again: object = None

    circle = Circle()
    circle.again = circle
    with pytest.raises(RecursionError):
        next(SCANNER.scan_batch([circle]))


def test_objects_that_misbehave():
    class Bad:
        def __getattr__(self, name):
            raise ZeroDivisionError(name)

    class BadText(str):
        def __str__(self):
            raise ZeroDivisionError

    class BadDict(dict):
        def items(self):
            raise ZeroDivisionError

    class Endless:
        def isoformat(self):
            return self

        def tolist(self):
            return self

    class Colour(enum.Enum):
        RED = 1

    for wrong in [Bad(), Endless(), Colour.RED, Colour, nagalm.Report, 1j]:
        with pytest.raises((TypeError, ZeroDivisionError, RecursionError)):
            SCANNER.scan(COPY, field=wrong)
    assert SCANNER.scan(BadText(COPY)).matches
    assert len(list(SCANNER.scan_batch([BadDict(text=COPY)]))) == 1
    with pytest.raises(UnicodeEncodeError):
        SCANNER.scan("\ud800")
    with pytest.raises(OverflowError):
        SCANNER.scan(COPY, n=2**64)
    assert SCANNER.scan(COPY, n=2**64 - 1, m=-(2**63), x=float("nan")).fields == {"n": 2**64 - 1, "m": -(2**63), "x": None}
    with pytest.raises(nagalm.InputError):
        SCANNER.scan(COPY, id=[1])


def test_a_dictionary_that_changes_meanwhile():
    fields = {}

    class Adds:
        def isoformat(self):
            fields[len(fields)] = 1
            return "2030"

    fields.update({"text": COPY, "a": Adds(), "b": 1})
    (report,) = SCANNER.scan_batch([fields])
    assert report.fields == {"a": "2030", "b": 1}


def test_generators_that_call_back():
    """An iterator that is asked from within itself, and from many threads at once."""
    reports = None

    def texts():
        yield COPY
        next(reports)

    reports = SCANNER.scan_batch(texts())
    with pytest.raises((RuntimeError, ValueError)):
        list(reports)

    shared, found, errors = SCANNER.scan_batch([COPY] * 5000), [], []

    def take():
        while True:
            try:
                found.append(next(shared))
            except StopIteration:
                return
            except RuntimeError as error:
                errors.append(error)

    threads = [threading.Thread(target=take) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 5000
    assert all("borrowed" in str(error) for error in errors)


def test_one_scanner_many_threads():
    reports = []
    threads = [threading.Thread(target=lambda: reports.extend(SCANNER.scan(COPY) for _ in range(200))) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(reports)) == 1 and len(reports) == 1600


def test_classes_are_not_made_by_hand():
    for made in [nagalm.Registry, nagalm.Report, nagalm.Match, nagalm.ReportIterator, nagalm.ArrowTable, nagalm.Added]:
        with pytest.raises(TypeError):
            made()
    with pytest.raises(AttributeError):
        SCANNER.min_words = 3
