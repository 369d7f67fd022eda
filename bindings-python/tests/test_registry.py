"""Registries: made, filled, looked after, sealed."""

import dataclasses
import datetime

import nagalm
import pytest
from conftest import COPY, FERRY, MILL, WORKS


def test_memory_and_disk_say_the_same(memory, folder):
    on_disk = nagalm.Registry.open(folder)
    assert on_disk.content_hash == memory.content_hash
    assert len(on_disk) == len(memory) == 2
    assert on_disk.path == folder and memory.path is None
    assert list(on_disk) == list(memory)
    assert on_disk["ferry"]["text"] == FERRY
    assert on_disk["mill"]["shelf"] == 7
    assert "ferry" in on_disk and "nobody" not in on_disk
    assert on_disk.work("nobody") is None
    with pytest.raises(KeyError, match="nobody"):
        on_disk["nobody"]
    mapped = nagalm.Registry.open(folder, mapped=True)
    assert nagalm.Scanner(mapped).scan(COPY) == nagalm.Scanner(on_disk).scan(COPY)


def test_info_counts(folder):
    info = nagalm.Registry.open(folder).info()
    assert (info.works, info.withdrawn, info.segments, info.format) == (2, 0, 1, 1)
    assert info.text_bytes == len(FERRY.encode()) + len(MILL.encode())
    assert "works=2" in repr(info)


@dataclasses.dataclass
class Work:
    work_id: str
    text: str
    until: datetime.date


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_works_come_as_what_people_have(where, tmp_path):
    registry = (
        nagalm.Registry.in_memory() if where == "memory" else nagalm.Registry.create(tmp_path / "a" / "songs.nagalm")
    )
    assert len(registry) == 0 and registry
    added = registry.add(work for work in WORKS)
    assert (added.added, added.replaced, added.unchanged, added.refused) == (2, 0, 0, [])
    added = registry.add([*WORKS, Work("day", "a text of seven words is quite short", datetime.date(2030, 1, 2))])
    assert (added.added, added.unchanged) == (1, 2)
    assert registry["day"]["until"] == "2030-01-02"
    assert added.content_hash == registry.content_hash
    added = registry.add([{"work_id": "mill", "text": "another text with more than eight words in a row"}])
    assert (added.added, added.replaced) == (0, 1)
    assert registry.withdraw("mill") == 1
    assert registry.withdraw(["mill", "day", "nobody"]) == 1
    assert [work["work_id"] for work in registry] == ["ferry"]
    registry.compact()
    assert registry.check() == []
    assert registry.info().withdrawn == 0


def test_warnings_are_told(folder):
    added = nagalm.Registry.open(folder).add([{"work_id": "x", "text": "too short", "isbn": "9780306406158"}])
    assert added.warning_count == 2
    assert {work_id for work_id, _ in added.warnings} == {"x"}


def test_all_or_nothing_unless_said_otherwise(folder):
    registry = nagalm.Registry.open(folder)
    before = registry.content_hash
    rows = [{"work_id": "new", "text": "eight words are enough for a work here"}, {"work_id": "bad"}, {"text": "la"}]
    with pytest.raises(nagalm.InputError, match=r"work number 1 .*no text"):
        registry.add(rows)
    assert registry.content_hash == before == nagalm.Registry.open(folder).content_hash
    added = registry.add(rows, strict=False)
    assert added.added == 1
    assert [number for number, _ in added.refused] == [1, 2]


def test_a_generator_that_fails_changes_nothing(folder):
    def works():
        yield {"work_id": "new", "text": "eight words are enough for a work here"}
        raise ZeroDivisionError("mine")

    registry = nagalm.Registry.open(folder)
    with pytest.raises(ZeroDivisionError, match="mine"):
        registry.add(works())
    assert len(nagalm.Registry.open(folder)) == 2
    registry.add([{"work_id": "new", "text": "eight words are enough for a work here"}])


def test_create_leaves_nothing_where_it_fails(tmp_path, folder):
    with pytest.raises(nagalm.ExistsError):
        nagalm.Registry.create(folder)
    with pytest.raises(nagalm.InputError):
        nagalm.Registry.create(tmp_path / "new.nagalm", [{"work_id": "x"}])
    assert not (tmp_path / "new.nagalm").exists()


def test_progress(folder, capfd):
    registry, seen = nagalm.Registry.open(folder), []
    registry.add(WORKS, progress=seen.append)
    assert seen == [2]
    registry.add(WORKS, progress=True)
    assert "2 works in" in capfd.readouterr().err
    with pytest.raises(ZeroDivisionError):
        registry.add(WORKS, progress=lambda works: 1 / 0)


def test_iteration_may_end_early(folder):
    registry = nagalm.Registry.open(folder)
    registry.add({"work_id": f"w{n}", "text": f"{n} is the number of this work among all of them"} for n in range(500))
    works = iter(registry)
    assert next(works)["work_id"] == "ferry"
    del works
    assert len(list(registry)) == 502


def test_kinds_of_errors(tmp_path, folder):
    with pytest.raises(nagalm.NotFoundError) as caught:
        nagalm.Registry.open(tmp_path / "nowhere")
    assert isinstance(caught.value, nagalm.Error) and isinstance(caught.value, FileNotFoundError)
    assert "nowhere" in str(caught.value)
    segment = next((folder / "segments").iterdir())
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    with pytest.raises(nagalm.CorruptError, match="nagalm compact"):
        nagalm.Registry.open(folder)
    assert [finding.place for finding in nagalm.check(folder)]
    nagalm.compact(folder)
    assert nagalm.check(folder) == []
    (tmp_path / "no.sealed").write_bytes(b"no registry at all")
    with pytest.raises(nagalm.CorruptError):
        nagalm.Registry.open(tmp_path / "no.sealed")
    with pytest.raises(nagalm.CorruptError):
        nagalm.Registry.from_sealed(b"")


def test_compact_makes_no_registry(tmp_path):
    with pytest.raises(nagalm.NotFoundError):
        nagalm.compact(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_one_writer_at_a_time(folder):
    registry = nagalm.Registry.open(folder)

    def works():
        with pytest.raises(nagalm.LockedError):
            nagalm.Registry.open(folder).withdraw("ferry")
        yield from ()

    def one():
        yield from works()
        yield WORKS[0]

    registry.add(one())


def long_work(name, words):
    return {"work_id": name, "text": " ".join(f"{name}{n * n % 101}x{n}" for n in range(words))}


def test_sealed(tmp_path):
    work = long_work("w", 200)
    society = nagalm.Registry.from_works([work, long_work("short", 20)])
    key = nagalm.SealKey.generate("Society of Songs")
    assert nagalm.SealKey.from_json(key.to_json()).public_key == key.public_key
    assert key.signer == "Society of Songs" and key.public_key in repr(key)
    sealed = society.seal(key, recipient="A Lab", release="2026-11", profile="public", metadata="titles")
    assert (sealed.works, sealed.too_short) == (1, ["short"])
    path = tmp_path / "lab.sealed"
    path.write_bytes(sealed.data)

    registry = nagalm.Registry.open(path, trust=[key.public_key])
    assert registry.seal_info["signature"] == "trusted" and registry.seal_info["recipient"] == "A Lab"
    report = nagalm.Scanner(registry).scan(work["text"])
    assert report.matches == () and report.match_count == 1
    found = report.sealed.matches[0]
    assert (found.work_id, found.output.start, report.sealed.signature) == ("w", found.passages[0].start, "trusted")
    proof = society.prove(key, registry, "w")
    assert registry.verify_proof(proof, work["text"])["grams"] > 0
    with pytest.raises(nagalm.NotFoundError):
        registry.verify_proof(proof, "another text")

    other = nagalm.SealKey.generate("Somebody").public_key
    with pytest.raises(nagalm.UntrustedError):
        nagalm.Registry.from_sealed(sealed.data, trust=[other])
    assert nagalm.Registry.from_sealed(sealed.data, trust=[other], unverified=True).seal_info["signature"] == "foreign"
    for refused in [
        lambda: registry.add([]),
        lambda: registry.withdraw("w"),
        lambda: list(registry),
        lambda: registry["w"],
        lambda: registry.compact(),
        lambda: society.seal(key, recipient="x", release="1", profile="secret"),
        lambda: nagalm.Registry.open(path, trust=["no key"]),
        lambda: nagalm.SealKey.from_json("{}"),
    ]:
        with pytest.raises(nagalm.InputError):
            refused()
