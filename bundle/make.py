"""Write the archive: `python -m bundle.make [DIR]`, on a machine with a network and of the platform it is for.

It holds wheels of what asking, building and serving need, at the versions of constraints.txt, with the models in the
wheel of youju itself. sentence-transformers and torch are left out: only another embedding model needs them, and they
are nine tenths of the size. Python is not in it: the machine it is for needs the same version.
"""

import argparse
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rag import __version__

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = frozenset({"sentence-transformers"})
BESIDE = ("bundle/install.sh", "bundle/install.cmd", "bundle/README.md", "LICENSE", "NOTICE", "seeds")


def needed(extras: Sequence[str]) -> list[str]:
    """Return the names of every package that the program needs here with these extras, without those left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: set[str] = set()
    optional = project["optional-dependencies"]
    for line in [*project["dependencies"], *(line for extra in extras for line in optional[extra])]:
        _follow(Requirement(line), found)
    return sorted(found)


def _follow(requirement: Requirement, found: set[str]) -> None:
    """Add a package and what it needs, its extras too; versions are those installed."""
    name = canonicalize_name(requirement.name)
    if name in LEFT_OUT or (name in found and not requirement.extras):
        return
    found.add(name)
    for line in metadata.requires(name) or ():
        inner = Requirement(line)
        extras = ("", *requirement.extras)
        if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras):
            _follow(inner, found)


def pins(names: list[str]) -> Iterator[str]:
    """Yield `name==version` as constraints.txt has it."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    versions = {
        canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.M)
    }
    for name in names:
        version = versions.get(canonicalize_name(name))
        if version is None:
            raise SystemExit(f"constraints.txt has no version of {name}: add the one that is installed.")
        yield f"{name}=={version}"


def make(target: Path, *, ocr: bool = False) -> Path:
    """Write the archive into the folder `target` and return its path."""
    tag = f"{sysconfig.get_platform()}-py{sys.version_info.major}{sys.version_info.minor}".replace(".", "_")
    name = f"youju-{__version__}-{tag}"
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        wheels = folder / "wheels"
        wheels.mkdir(parents=True)
        listed = [*pins(needed(("mcp", "ocr") if ocr else ("mcp",))), f"youju=={__version__}"]
        (folder / "requirements.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")
        (folder / "PYTHON").write_text(platform.python_version().rpartition(".")[0] + "\n", encoding="utf-8")
        # Wheels are built of what has none (jieba), for this platform and this Python.
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels)]
        subprocess.run([*pip, *listed[:-1]], check=True)
        subprocess.run([*pip, str(ROOT)], check=True)
        for path in map(ROOT.joinpath, BESIDE):
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, folder / path.name)
        target.mkdir(parents=True, exist_ok=True)
        archive = target / f"{name}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1) as packed:  # wheels are compressed already
            packed.add(folder, name)
    return archive


def main() -> None:
    """Read the command line, write, say where and how large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?", type=Path, default=ROOT / "dist")
    parser.add_argument(
        "--ocr", action="store_true", help="with what recognises scanned pages (about 90 MB more)"
    )
    given = parser.parse_args()
    archive = make(given.target, ocr=given.ocr)
    print(f"{archive} ({archive.stat().st_size / 1e6:.0f} MB)")


if __name__ == "__main__":
    main()
