"""Serve with the program beside this Python, ask over HTTP, print the answer; exits with 1 if it is not that of seeds/.

Run by check.sh with the Python of an installed archive.
"""

import importlib.util
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

QUESTION = {"question": "成都有多少5G基站"}


def main() -> int:
    """Serve, ask, stop."""
    if importlib.util.find_spec("torch"):
        sys.stderr.write("torch is installed here\n")
        return 1
    program = Path(sys.executable).with_name("youju")
    with subprocess.Popen([program, "serve", "--port", "0"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline().decode())
        try:
            assert found, "it does not serve"
            body = json.dumps(QUESTION).encode()
            with urllib.request.urlopen(f"{found[0]}/api/ask", body) as reply:
                answer = json.load(reply)
            with urllib.request.urlopen(f"{found[0]}/") as page:
                assert page.status == 200
        finally:
            process.terminate()
    print(answer["text"], answer["citations"][0]["verified"])
    said = (answer["answer"], answer["as_of"], answer["citations"][0]["verified"])
    return 0 if said == ("超8万个", "截至2023年底", "verified") else 1


if __name__ == "__main__":
    sys.exit(main())
