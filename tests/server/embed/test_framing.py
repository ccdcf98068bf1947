from urllib.parse import urlsplit

import pytest

from rag.config import read_settings
from rag.server.embed.framing import HostPage, examine, read_headers

SERVER = "http://news.intra:7860"
PORTAL = "http://portal.intra"
SETTINGS = read_settings({}, allowed_origins=PORTAL)


def blocked(policy: str, server: str = SERVER, origin: str = PORTAL) -> dict[str, str]:
    """Return the checks that a policy fails, with the line that mends each."""
    page = HostPage(origin, {"content-security-policy": [policy]})
    return {f.check: f.mend for f in examine(page, server, True, SETTINGS) if f.state == "blocked"}


@pytest.mark.parametrize(
    "source",
    [
        "*",
        "http:",
        "http://news.intra:7860",
        "news.intra:7860",
        "news.intra:*",
        "*.intra:7860",
        "http://NEWS.intra:7860/",
        "'none' http://news.intra:7860",
    ],
)
def test_sources_that_cover_the_server(source: str) -> None:
    assert blocked(f"frame-src {source}; script-src {source}") == {}


@pytest.mark.parametrize(
    "source",
    [
        "'none'",
        "'self'",
        "https:",
        "news.intra",
        "http://news.intra",
        "*.news.intra:7860",
        "http://news.intra:7860/other/",
        "x.news.intra:7860",
    ],
)
def test_sources_that_do_not(source: str) -> None:
    assert set(blocked(f"frame-src {source}; script-src {source}")) == {"frame-src", "script-src"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("img-src 'self'", set()),
        ("default-src 'self'", {"frame-src", "script-src"}),
        ("default-src 'self'; frame-src *", {"script-src"}),
        ("child-src *; default-src 'none'; script-src-elem *", set()),
        ("script-src *; script-src 'none'", set()),  # the second of one name is ignored
        ("script-src 'strict-dynamic' 'nonce-x' http://news.intra:7860", {"script-src"}),
        ("script-src *, frame-src 'none'", {"frame-src"}),  # two policies in one header
    ],
)
def test_which_directive_decides(policy: str, expected: set[str]) -> None:
    assert set(blocked(policy)) == expected


def test_the_mending_line_adds_to_what_is_there() -> None:
    assert blocked("default-src 'self' cdn.intra") == {
        "frame-src": "frame-src 'self' cdn.intra http://news.intra:7860;",
        "script-src": "script-src 'self' cdn.intra http://news.intra:7860;",
    }
    assert blocked("frame-src 'none'")["frame-src"] == "frame-src http://news.intra:7860;"
    assert blocked("script-src 'nonce-abc'")["script-src"].startswith(
        '<script nonce="…" src="http://news.intra:7860/widget.js"'
    )


@pytest.mark.parametrize(
    "policy", ["default-src 'self' cdn.intra", "frame-src 'none'; script-src a.b", "default-src https:"]
)
def test_the_mended_policy_passes(policy: str) -> None:
    mends = blocked(policy)
    assert mends
    kept = [part for part in policy.split(";") if part.split()[0] not in mends]
    assert blocked("; ".join([*kept, *(mend.rstrip(";") for mend in mends.values())])) == {}


def test_self_is_the_page_that_embeds() -> None:
    assert blocked("frame-src 'self'", server=f"{PORTAL}/news") == {}


@pytest.mark.parametrize(
    "text",
    [
        "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-security-policy: default-src 'self'\r\n",
        "< Content-Security-Policy: default-src 'self'",
        """<meta http-equiv="Content-Security-Policy" content="default-src 'self'">""",
        "default-src 'self'",
    ],
)
def test_headers_are_read_as_they_are_pasted(text: str) -> None:
    assert read_headers(text)["content-security-policy"] == ["default-src 'self'"]


def test_headers_of_one_name_are_all_kept() -> None:
    text = "Content-Security-Policy: frame-src *\nContent-Security-Policy: frame-src 'none'\nX: y"
    page = HostPage(PORTAL, read_headers(text))
    assert [f.state for f in examine(page, SERVER, True, SETTINGS) if f.check == "frame-src"] == ["blocked"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_is_there_in_both_languages(lang: str) -> None:
    settings = read_settings({}, access="key")
    page = HostPage("https://x.intra", {"cross-origin-embedder-policy": ["require-corp"]})
    found = examine(page, SERVER, False, settings, "en" if lang == "en" else "zh")
    assert {f.check: f.state for f in found} == {
        "host": "blocked",
        "origin": "blocked",
        "scheme": "blocked",
        "coep": "blocked",
        "access": "hint",
    }
    assert all("{" not in f.said for f in found)
    assert ("拒绝" in found[0].said) == (lang == "zh")


def test_the_own_origin_needs_no_listing() -> None:
    page = HostPage(f"{urlsplit(SERVER).scheme}://{urlsplit(SERVER).netloc}")
    assert {f.check: f.state for f in examine(page, SERVER, True, SETTINGS)}["origin"] == "ok"
