import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import IndexLocked
from rag.index.lock import writing

HOLD = """
import sys, time
from pathlib import Path
from rag.index.lock import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(index: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(index)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"held"
    return process


def test_a_second_process_is_told_who_writes(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(IndexLocked, match=str(process.pid)), writing(tmp_path):
            pass
        process.kill()


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    with writing(tmp_path):
        assert (tmp_path / "write.lock").read_text(encoding="ascii") == str(os.getpid())


def test_the_lock_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with writing(tmp_path):
            with pytest.raises(IndexLocked, match=str(os.getpid())), writing(tmp_path):
                pass
            assert (tmp_path / "write.lock").read_text(encoding="ascii") == str(os.getpid())
