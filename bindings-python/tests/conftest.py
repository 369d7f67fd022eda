"""What tests share: a small registry, and where the project's cases and the data beside it lie."""

import os
from pathlib import Path

import nagalm
import pytest

ROOT = Path(__file__).resolve().parents[2]

FERRY = (
    "The ferryman counts his coins by the lamp at the end of the pier,\n"
    "and the river goes under him, black as a bottle, and nothing comes near.\n"
    "He hums what his mother once hummed when the dikes of the village gave way,\n"
    "and a moth keeps time on the window until it is day"
)
MILL = (
    "Turn, old mill, and grind us the grain of a summer that would not stay,\n"
    "seven sacks for the baker, and one for the mice, and the wind for its pay"
)
WORKS = [
    {"work_id": "ferry", "title": "The Ferryman", "language": "en", "text": FERRY, "creators": ["Anna Vos"]},
    {"work_id": "mill", "text": MILL, "shelf": 7},
]
COPY = (
    "Süre! 🎶 and the river goes under him, black as a bottle, and nothing comes near.\n"
    "He hums what his mother once hummed when the dikes of the village gave way, isn’t it?"
)


@pytest.fixture(scope="session")
def memory():
    """The works in memory."""
    return nagalm.Registry.from_works(WORKS)


@pytest.fixture
def folder(tmp_path):
    """The works on disk: the registry's path."""
    path = tmp_path / "songs.nagalm"
    nagalm.Registry.create(path, WORKS)
    return path


@pytest.fixture(scope="session")
def scanner(memory):
    """A scanner over the works in memory."""
    return nagalm.Scanner(memory)


def shared_data(name):
    """A folder of data beside the project, which is no part of it; the test is seen as skipped without it."""
    path = Path(os.environ.get("NAGALM_SHARED_DATA", ROOT / "../shared/data")) / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is not there")
    return path
