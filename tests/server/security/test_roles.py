"""Every address of the table, asked with every scope: who may, who may not, and that nobody comes in without a key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.config import read_settings
from rag.server.addresses import ADDRESSES, Address
from rag.server.api.openapi import EXAMPLES
from rag.server.app import create_app
from rag.server.security.keys import SCOPES, KeyStore, Scope
from tests.support.sample import PARKS, FakeBot

HERE = "http://127.0.0.1:7860"
# What each scope opens, written out once more by hand: the page asks and reads, an editor does what the page does.
OPENS: dict[Scope, set[str]] = {
    "ask": {"ask"},
    "read": {"read"},
    "page": {"page", "ask", "read"},
    "metrics": {"metrics"},
    "edit": {"edit", "page", "ask", "read"},
    "push": {"push"},
}
OURS = [one for one in ADDRESSES if one.ours and not one.path.endswith("/")]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, dict[Scope, str]]]:
    """Serve someone elsewhere, who has a key of each scope."""
    folder = tmp_path_factory.mktemp("roles")
    store = KeyStore(folder / "state")
    texts = {scope: store.add(scope, [scope])[1] for scope in SCOPES}
    where = {"index": folder / "index", "state": folder / "state", "added": folder / "added"}
    app = create_app(FakeBot(), read_settings({}, access="key", rate="0", **where))
    with TestClient(app, HERE, client=("192.0.2.9", 1), follow_redirects=False) as http:
        yield http, texts


def ask(http: TestClient, address: Address, method: str, headers: dict[str, str]) -> int:
    path = address.path.replace("{id:path}", PARKS.id).replace("{id}", PARKS.id).replace("{name}", "youju")
    told = address.described.name if address.described else ""
    body: Any = EXAMPLES.get(told, {}) if method in ("POST", "PUT") else None
    query = {"q": "公园"} if path in ("/api/search", "/search") else None
    return http.request(method, path, params=query, json=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("address", "method"),
    [(one, method) for one in OURS for method in one.methods],
    ids=lambda one: one.path if isinstance(one, Address) else str(one),
)
def test_an_address_opens_to_its_scope_alone(
    keys: tuple[TestClient, dict[Scope, str]], address: Address, method: str
) -> None:
    http, texts = keys
    if address.needs is None:
        assert ask(http, address, method, {}) not in (401, 403)
        return
    assert ask(http, address, method, {}) == 401
    wrong = ask(http, address, method, {"authorization": "Bearer yj_00000000_x"})
    assert wrong in (401, 429)  # who guesses often is made to wait
    for scope, text in texts.items():
        status = ask(http, address, method, {"authorization": f"Bearer {text}"})
        may = address.needs in OPENS[scope]
        assert (status != 403) is may, f"{scope}: {status}"
        assert status != 401
        assert status != 500  # 503: there is no index to list


def test_each_scope_of_the_table_is_one_that_is_known() -> None:
    assert {one.needs for one in OURS} - {None} <= set(SCOPES)
    assert OPENS.keys() == set(SCOPES)


def test_nothing_that_changes_articles_is_open_to_those_who_read(tmp_path: Path) -> None:
    changing = [one for one in OURS if one.needs in ("edit", "push")]
    assert len(changing) >= 8
    app = create_app(FakeBot(), read_settings({}, state=tmp_path / "state", host="0.0.0.0"))
    with TestClient(app, HERE, client=("192.0.2.9", 1)) as http:
        for address in changing:
            for method in address.methods:
                assert ask(http, address, method, {}) == 403
