"""The options of the command line, by the names its commands use."""

from pathlib import Path
from typing import Annotated

import typer

from rag.evaluation.metrics import Mode
from rag.request import MAX_K

__all__ = [
    "Articles",
    "Cache",
    "Compare",
    "DryRun",
    "Exclude",
    "Explain",
    "Files",
    "Follow",
    "Force",
    "Gate",
    "Html",
    "Include",
    "Index",
    "Json",
    "Limit",
    "ModeOption",
    "Out",
    "Paths",
    "Prune",
    "Publisher",
    "Read",
    "Rebuild",
    "Regress",
    "Restore",
    "Resume",
    "Seed",
    "Since",
    "Today",
    "Trec",
    "Until",
    "Update",
]

Index = Annotated[
    Path | None, typer.Option("--index", help="The index folder [default: $RAG_INDEX, else ./index].")
]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(help="Files and folders; none: those built before, or seeds/ at the first time."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="Make the index anew from its recorded paths.")]
Restore = Annotated[bool, typer.Option("--restore", help="Take in again what `remove` took out.")]
Prune = Annotated[bool, typer.Option("--prune", help="Remove the articles of files that are gone.")]
Force = Annotated[
    bool, typer.Option("--force", help="Prune also when a folder or more than a fifth is gone.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")]
Include = Annotated[list[str] | None, typer.Option(help="Only files like '*.txt' or '2024/*'.")]
Exclude = Annotated[list[str] | None, typer.Option(help="No files like '*.bak' or 'old/*'.")]
Follow = Annotated[
    float, typer.Option("--watch", metavar="SECONDS", help="Look again every so many seconds.")
]
Files = Annotated[
    list[Path],
    typer.Argument(help="Question files: .jsonl, .csv, .xlsx, .json (SQuAD, CMRC).", show_default=False),
]
Articles = Annotated[
    list[Path] | None, typer.Option(help="Ask an index of these files and folders.", metavar="PATH…")
]
ModeOption = Annotated[Mode, typer.Option(help="reading: the reader is shown the gold article alone.")]
Out = Annotated[
    Path | None, typer.Option("--json", help="Write a row a question and a summary line; - is stdout.")
]
Html = Annotated[Path | None, typer.Option(help="Write the report as one page.")]
Junit = Annotated[Path | None, typer.Option(help="Write the results as JUnit XML, for build servers.")]
Trec = Annotated[
    Path | None, typer.Option(help="Write run.txt and qrels.txt, in TREC's formats, into this folder.")
]
Gate = Annotated[Path | None, typer.Option(help="Exit with 3 if a metric is below its floor in this file.")]
Update = Annotated[bool, typer.Option("--update", help="Raise the floors of --gate to what was reached.")]
Regress = Annotated[bool, typer.Option("--allow-regression", help="Let --update lower floors.")]
Compare = Annotated[
    bool, typer.Option("--compare", help="The two FILES are results of --json: show how they differ.")
]
Limit = Annotated[int, typer.Option(min=0, help="Ask so many, drawn by --seed; 0 asks all.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draw and of the intervals.")]
Today = Annotated[str, typer.Option(help="The day 今年 refers to, YYYY-MM-DD [default: the clock's].")]
Read = Annotated[int, typer.Option("-k", min=1, max=MAX_K, help="How many passages are read.")]
Cache = Annotated[Path | None, typer.Option(help="Where indexes of --articles are kept.")]
Resume = Annotated[bool, typer.Option("--resume", help="Keep the rows that the file of --json has already.")]
Since = Annotated[str, typer.Option(help="Only articles published on this day or later, YYYY-MM-DD.")]
Until = Annotated[str, typer.Option(help="Only articles published on this day or earlier, YYYY-MM-DD.")]
Publisher = Annotated[str, typer.Option(help="Only articles of this publisher.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show how the answer came about.")]
