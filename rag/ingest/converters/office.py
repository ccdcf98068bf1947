"""Old Word, WPS and RTF files → words, through LibreOffice where it is installed."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.errors import IngestError
from rag.ingest.extract import Extract
from rag.ingest.word.converter import read_docx

__all__ = ["office_program", "read_office"]

PROGRAMS = ("soffice", "libreoffice")
# LibreOffice takes some ten seconds to start on a busy machine.
PATIENCE = 120.0


def office_program() -> str | None:
    """Return the path of LibreOffice, None where it is not installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def read_office(path: Path, content: bytes) -> Extract:
    """Convert a file to .docx in a folder of its own and read that."""
    program = office_program()
    kind = path.suffix.lower()
    if program is None:
        raise IngestError(
            f"{path} ({kind}) needs LibreOffice, which is not installed: install it (apt-get install libreoffice-writer), "
            "or save the file as .docx."
        )
    with TemporaryDirectory() as folder:
        copy = Path(folder) / f"article{kind}"
        copy.write_bytes(content)
        profile = (Path(folder) / "profile").as_uri()
        command = [
            program,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "docx",
            "--outdir",
            folder,
            str(copy),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            raise IngestError(
                f"{path} was not converted within {PATIENCE:.0f} s; save it as .docx."
            ) from None
        converted = copy.with_suffix(".docx")
        if not converted.is_file():
            raise IngestError(
                f"{path} could not be converted by LibreOffice: it is damaged or no {kind} file."
            )
        return read_docx(path, converted.read_bytes())
