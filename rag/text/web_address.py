"""Addresses of the web in what others wrote: only what a browser opens as a page is passed on."""

import re
from urllib.parse import urlsplit

__all__ = ["web_address"]

_odd = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029<>\"\\]")


def web_address(told: str) -> str:
    """Return `told` if it is an http or https address, else "": javascript:, data: and the like run where they are opened.

    >>> web_address("https://news.example/a?b=1"), web_address(" JavaScript:alert(1)"), web_address("//news.example")
    ('https://news.example/a?b=1', '', '')
    """
    if _odd.search(told):  # some of these a browser leaves out before it reads the scheme
        return ""
    try:
        parts = urlsplit(told)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # brackets that hold no address
        return ""
    return told if fits else ""
