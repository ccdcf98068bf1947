"""Time the page in the system's Chromium: `python -m benchmarks.page [--runs N] [--repeats N]`.

Each run opens a fresh profile on the application over seeds/: first paint, when a question can be asked, what was
transferred (both also on a second visit), then questions from Enter to the answer standing there, one not asked before
each time, and what the server itself needed. Medians and worst; the times say something only on a machine that does
nothing else: the load average is printed beside them.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import application, chromium
from tests.support.page_world import BOX, WAIT, ready

QUESTIONS = (
    "成都有多少5G基站",
    "成都有多少4G基站",
    "成都的5G产业链企业有多少家？",
    "成都全市人才总量有多少？",
    "成都重点场所的5G网络通达率是多少？",
    "成都有几个项目进了《2024年5G工厂名录》？",
    "百裕制药最多能拿到多少里程碑付款？",
    "成都有多少家国家级科研机构？",
)
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
# From the press of Enter to the frame in which the answer stands there, measured in the page.
WATCH = """
() => { window.answered = new Promise((done) => {
  const before = document.querySelectorAll(".yj-tools").length;
  let start = 0;
  document.addEventListener("keydown", () => { start = performance.now(); }, { capture: true, once: true });
  new MutationObserver((_, observer) => {
    if (document.querySelectorAll(".yj-tools").length === before) return;
    observer.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  }).observe(document.getElementById("yj-log"), { childList: true, subtree: true });
}); }
"""
FLOORS = {"first paint ms": 1500.0, "answer ms": 600.0, "transferred kB": 2500.0}


def main() -> int:
    """Print the figures; return 1 where a median is beyond its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=4, help="questions of a run")
    chosen = parser.parse_args()
    expect.set_options(timeout=WAIT)
    found: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        application(Path(folder), "") as running,
    ):
        for run in range(chosen.runs):
            questions = [QUESTIONS[(run + at) % len(QUESTIONS)] for at in range(chosen.repeats)]
            for name, value in _run(browser, running.address, questions):
                found.setdefault(name, []).append(value)
    print(f"{chosen.runs} runs, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, values in found.items():
        floor = f"  at most {FLOORS[name]:.0f}" if name in FLOORS else ""
        print(f"{name:30} median {median(values):7.0f}  worst {max(values):7.0f}{floor}")
    return int(any(median(found[name]) > most for name, most in FLOORS.items()))


def _run(browser: Browser, address: str, questions: list[str]) -> list[tuple[str, float]]:
    """Return the figures of one fresh profile by name."""
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(WAIT)
    page = context.new_page()
    transferred = _counted(page)
    found: list[tuple[str, float]] = []
    for visit in ("", " again"):
        before = transferred()
        page.goto(address)
        ready(page)
        page.wait_for_selector("#yj-examples li")
        found.append((f"first paint ms{visit}", page.evaluate(PAINT)))
        found.append(
            (f"ready ms{visit}", page.evaluate("performance.getEntriesByName('yj-ready')[0].startTime"))
        )
        found.append((f"transferred kB{visit}", (transferred() - before) / 1000))
    for question in questions:
        page.fill(BOX, question)
        page.evaluate(WATCH)
        page.press(BOX, "Enter")
        found.append(("answer ms", page.evaluate("window.answered")))
        page.wait_for_load_state("networkidle")  # the next questions are asked in the same line
        found.append(("the bot's part of it ms", _asked(address, question)))
    context.close()
    return found


def _counted(page: Page) -> Callable[[], int]:
    """Return a function that tells the bytes transferred so far, headers included."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    return lambda: sum(sizes)


def _asked(address: str, question: str) -> float:
    """Ask the same without a browser; return what the bot says it took."""
    with urlopen(f"{address}/api/ask", json.dumps({"question": question}).encode()) as reply:
        return float(json.load(reply)["timings_ms"]["total"])


if __name__ == "__main__":
    sys.exit(main())
