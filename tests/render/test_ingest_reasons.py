import ast
from collections.abc import Iterator

import pytest

from rag.render.ingest_reasons import reason_zh
from tests.test_structure import PACKAGE

READERS = [
    PACKAGE / "ingest" / f"{name}.py"
    for name in (
        "regular_file",
        "encoding",
        "extract",
        "sidecar",
        "formats",
        "pdf/converter",
        "pdf/pictures",
        "pdf/scan",
    )
]
READERS += sorted(
    path for folder in ("converters", "packages") for path in (PACKAGE / "ingest" / folder).glob("*.py")
)


def sentences() -> Iterator[str]:
    """Yield every sentence of a refusal in the readers, with 7 for what is filled in."""
    for path in READERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("IngestError", "Fault"):
                said = node.args[-1]
                if isinstance(said, ast.JoinedStr):
                    parts = (str(p.value) if isinstance(p, ast.Constant) else "7" for p in said.values)
                    yield "".join(parts)


@pytest.mark.parametrize("sentence", [s for s in sentences() if s not in ("7: 7.", "7 7")])
def test_every_refusal_is_said_in_chinese(sentence: str) -> None:
    assert reason_zh(sentence) != sentence


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("/srv/news/空白.txt is empty.", "文件是空的。"),
        ("/srv/a.pdf: page 3 is a picture without text.", "第3页是图片，上面没有认出文字。"),
        ("/srv/a.jsonl#4 is not JSON: Expecting value.", "不是 JSON。"),
        ("/srv/a.rar is of a kind that cannot be read (.rar); known are .txt.", "不能读入这种文件（.rar）。"),
        ("another sentence", "another sentence"),
    ],
)
def test_what_a_reader_of_the_list_is_told(reason: str, said: str) -> None:
    assert reason_zh(reason) == said


def test_there_are_many_sentences() -> None:
    assert len(list(sentences())) >= 25
