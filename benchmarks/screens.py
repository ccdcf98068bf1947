"""Take a picture of every state of the page: `python -m benchmarks.screens FOLDER [--look light dark phone phone-dark]`.

The application runs over seeds/, tests/data/articles and the awkward articles of the tests. Each picture is named
LOOK-NN-STATE.png; for each state what axe-core finds, how far the page is wider than its window, and at the end any
host that a page asked for besides this machine, are printed. Look at the pictures.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import application, chromium
from tests.support.page_world import ASKED, WAIT, World, ask, open_world, states, violations, width_beyond
from tests.support.paths import ROOT

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1360, "height": 820}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1360, "height": 820}},
    "phone": {"color_scheme": "light", **PHONE},
    "phone-dark": {"color_scheme": "dark", **PHONE},
}


def main() -> int:
    """Take the pictures; return 1 where a state broke a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--look", nargs="*", choices=LOOKS, default=list(LOOKS))
    parser.add_argument(
        "--only-pictures", action="store_true", help="without axe-core, which takes most of the time"
    )
    parser.add_argument(
        "--readme", action="store_true", help="take only the picture of the README into FOLDER"
    )
    parser.add_argument("--index", type=Path, help="folder to keep the index in, for a second run")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=WAIT)
    broken = 0
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        if chosen.readme:
            return _readme(browser, Path(scratch), chosen.folder / "screenshot.png")
        folder = chosen.index or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with open_world(folder, browser, "", [ROOT / "seeds", ROOT / "tests" / "data" / "articles"]) as world:
            for look in chosen.look:
                broken += _take(world, look, chosen.folder, not chosen.only_pictures)
    return 1 if broken else 0


def _readme(browser: Browser, scratch: Path, picture: Path) -> int:
    """Take the picture of the README: over seeds/ alone, an answer beside its source, and a refusal."""
    with application(scratch, "") as running:
        page = World(running, scratch, browser).chat(**LOOKS["light"])
        ask(page, ASKED)
        expect(page.locator(".yj-next button").first).to_be_visible()
        ask(page, "那上海呢？")
        page.locator(".yj-turn").first.locator("a.yj-ref").first.click()
        expect(page.locator("#yj-side mark#quote")).to_be_focused()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.screenshot(path=picture)
    return 0


def _take(world: World, look: str, folder: Path, axe: bool) -> int:
    """Take the pictures of one look; return how many states broke a promise."""
    broken = 0
    for number, (name, page) in enumerate(states(world, **LOOKS[look]), 1):
        page.screenshot(path=folder / f"{look}-{number:02}-{name}.png")
        faults = [*(violations(page) if axe else []), *_too_wide(page)]
        broken += bool(faults)
        print(look, name, *(faults or ["good"]), sep="  ", flush=True)
    if outside := world.outside():
        print(look, "asked outside:", outside)
    return broken + bool(outside)


def _too_wide(page: Page) -> list[str]:
    wide = width_beyond(page)
    return [f"{wide} px wider than the window"] if wide > 0 else []


if __name__ == "__main__":
    sys.exit(main())
