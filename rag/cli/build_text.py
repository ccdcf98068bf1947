"""What a build did, or would do, as lines for a terminal."""

from collections.abc import Iterator

from rag.cli.spoken import spoken
from rag.index.build.builder import BuildReport
from rag.index.build.changes import Preview
from rag.ingest.doctor import Finding

__all__ = ["complaints", "finding_lines", "preview_lines", "report_line"]


def report_line(report: BuildReport) -> str:
    """Return the counts of a build."""
    return (
        f"{report.articles} articles in the index ({report.articles_added} added, {report.articles_updated} updated, "
        f"{report.articles_removed} removed), {report.passages} passages embedded in {report.seconds:.1f} s"
    )


def complaints(report: BuildReport) -> Iterator[str]:
    """Yield what was refused and what is no longer there."""
    for source, reason in report.refused:
        yield f"refused: {source}: {reason}"
    for path in report.vanished:
        yield f"vanished: {path} (--prune removes its articles)"


def preview_lines(seen: Preview) -> Iterator[str]:
    """Yield a line for each file that a build would read or lose."""
    moved = tuple(f"{before} → {after}" for before, after in seen.moved)
    for word, names in (
        ("new", seen.new),
        ("changed", seen.changed),
        ("moved", moved),
        ("vanished", seen.vanished),
        ("missing", seen.missing),
        ("closed", tuple(f"{name}: {reason}" for name, reason in seen.closed.items())),
        ("refused", tuple(f"{name}: {reason}" for name, reason in seen.refused.items())),
    ):
        yield from (f"{word:9} {name}" for name in names)
    yield f"{seen.unchanged} files unchanged"


def finding_lines(found: Finding) -> Iterator[str]:
    """Yield what `doctor` found in a file."""
    yield found.path
    if found.encoding:
        yield spoken(f"  encoding    {found.encoding} ({found.confidence:.0%})")
    if found.layout:
        yield spoken(f"  layout      {found.layout}")
    yield spoken(f"  articles    {found.articles}")
    for described in found.shown:
        yield "  - " + ", ".join(f"{spoken(name)}: {value}" for name, value in described.items() if value)
    if found.suspicious:
        yield spoken(
            "  suspicious  " + ", ".join(f"{count} {name}" for name, count in found.suspicious.items())
        )
    for reason in found.refused:
        yield spoken(f"  refused     {reason}")
