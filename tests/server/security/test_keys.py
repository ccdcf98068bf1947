import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli.app import app
from rag.errors import AccessError
from rag.server.security.keys import KeyStore
from tests.support.places import Places


def test_a_key_is_found_by_its_text_and_kept_as_a_digest(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "state")
    key, text = store.add("归档脚本", ["ask", "read"])
    assert store.find(text) == key
    assert key.scopes == ("ask", "read")
    path = tmp_path / "state" / "keys.json"
    kept = path.read_text(encoding="utf-8")
    assert text not in kept
    assert text.removeprefix(f"yj_{key.ident}_") not in kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "x", str.upper, lambda t: "", lambda t: f"yj_{t}"]
)
def test_no_other_text_is_a_key(tmp_path: Path, places: Places, change: object) -> None:
    store = KeyStore(places.state(tmp_path))
    _, text = store.add("甲", ["ask"])
    assert callable(change)
    assert store.find(change(text)) is None


def test_a_key_that_is_taken_back_opens_nothing_in_a_running_server(tmp_path: Path) -> None:
    serving, command = KeyStore(tmp_path), KeyStore(tmp_path)
    _, text = command.add("甲", ["ask"])
    _, other = command.add("乙", ["ask"])
    assert serving.find(text)
    command.revoke("甲")
    assert serving.find(text) is None
    assert serving.find(other)
    (tmp_path / "keys.json").unlink()
    assert serving.find(other) is None


def test_a_key_runs_out(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    _, text = store.add("甲", ["ask"], days=1)
    assert store.find(text)
    rows = json.loads((tmp_path / "keys.json").read_text(encoding="utf-8"))
    rows[0]["expires"] = "2024-01-01T00:00:00+00:00"
    (tmp_path / "keys.json").write_text(json.dumps(rows), encoding="utf-8")
    assert store.find(text) is None


def test_names_are_used_once_and_unknown_ones_are_told(tmp_path: Path, places: Places) -> None:
    store = KeyStore(places.state(tmp_path))
    store.add("甲", ["ask"])
    for name in ("甲", "", " "):
        with pytest.raises(AccessError, match="name of its own"):
            store.add(name, ["ask"])
    with pytest.raises(AccessError, match="乙"):
        store.revoke("乙")


@pytest.mark.parametrize("content", ["{", "[1]", '[{"ident": "x"}]', "null"])
def test_a_damaged_file_opens_nothing_and_is_told(tmp_path: Path, content: str) -> None:
    store = KeyStore(tmp_path)
    (tmp_path / "keys.json").write_text(content, encoding="utf-8")
    with pytest.raises(AccessError, match="cannot be read"):
        store.find("yj_1_2")


def test_signatures_are_of_one_installation(tmp_path: Path, places: Places) -> None:
    first, second = places.state(tmp_path / "a"), places.state(tmp_path / "b")
    one, same, other = KeyStore(first), KeyStore(first), KeyStore(second)
    assert one.sign("ticket", "x") == same.sign("ticket", "x")
    assert (
        len(
            {one.sign("ticket", "x"), one.sign("ticketx"), one.sign("ticket", "y"), other.sign("ticket", "x")}
        )
        == 4
    )


def test_the_command_makes_lists_and_takes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_STATE", str(tmp_path))
    run = CliRunner().invoke
    made = run(app, ["key", "add", "门户", "--scope", "ask,page", "--days", "30"])
    text = made.stdout.strip()
    assert KeyStore(tmp_path).find(text)
    listed = run(app, ["key", "list", "--json"])
    (row,) = map(json.loads, listed.stdout.splitlines())
    assert (row["name"], row["scopes"]) == ("门户", ["ask", "page"])
    assert "digest" not in row
    assert "门户\task,page" in run(app, ["key", "list"]).stdout
    assert run(app, ["key", "revoke", row["ident"]]).exit_code == 0
    assert KeyStore(tmp_path).find(text) is None
    assert run(app, ["key", "add", "乙", "--scope", "admin"]).exit_code == 2
