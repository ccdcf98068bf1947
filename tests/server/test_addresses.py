"""The one table of addresses: what is listed is served, and what is served is listed."""

import pytest
from starlette.routing import Mount, Route

from rag.config import read_settings
from rag.server.addresses import ADDRESSES, OTHER, address_of
from rag.server.routes import routes
from rag.server.security.access import Access
from rag.server.service import Server
from tests.support.sample import FakeBot


def test_every_address_of_ours_has_a_handler_with_its_methods_and_no_other_is_served() -> None:
    settings = read_settings({})
    found = routes(Server(FakeBot(), settings), Access(settings))
    served = [
        (route.path, set(route.methods or ()) - {"HEAD"}) for route in found if isinstance(route, Route)
    ]
    served += [(f"{route.path}/", {"GET"}) for route in found if isinstance(route, Mount)]
    listed = [(address.path, set(address.methods)) for address in ADDRESSES if address.ours]
    assert sorted(served, key=str) == sorted(listed, key=str)


def test_an_address_stands_in_the_table_once_for_each_method() -> None:
    every = [(address.path, method) for address in ADDRESSES for method in address.methods]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("/api/articles/0123456789ab", "/api/articles/{id:path}"),
        ("/api/articles/cms/12", "/api/articles/{id:path}"),
        ("/api/articles", "/api/articles"),
        ("/api/articles/", None),
        ("/page/articles/0123456789ab/next", "/page/articles/{id}/next"),
        ("/articles/0123456789ab/original", "/articles/{id}/original"),
        ("/articles/a/b/original", None),
        ("/web/talk.js", "/web/"),
        ("/assets/a/b.js", "/assets/"),
        ("/", "/"),
        ("/api/askx", None),
        ("/api/ask/", None),
        ("/articles/a/b", None),
        ("/widgetxjs", None),
        ("/gradio_api/upload", None),
        ("", None),
    ],
)
def test_a_path_belongs_to_the_address_it_fits_as_a_whole(path: str, listed: str | None) -> None:
    address = address_of(path)
    assert (address.path if address else None) == listed


def test_what_varies_in_a_path_makes_no_label() -> None:
    assert not [address.path for address in ADDRESSES if "{" in address.label]
    assert {address.label for address in ADDRESSES if not address.ours} == {OTHER}


def test_only_what_shows_nothing_of_the_articles_is_open_under_any_host_or_without_a_key() -> None:
    free = {address.path for address in ADDRESSES if address.needs is None}
    assert free == {
        *(
            "/healthz",
            "/readyz",
            "/widget.js",
            "/widget/1.js",
            "/embed",
            "/embed/doctor",
            "/login",
            "/logout",
            "/web/",
        ),
        *("/favicon.ico", "/robots.txt"),
    }
    assert {address.path for address in ADDRESSES if address.any_host} == {"/embed/doctor", "/web/"}
