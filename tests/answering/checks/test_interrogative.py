import pytest

from rag.answering.checks.interrogative import asks
from rag.query.question_type import AnswerType

TEXT = "问：办法什么时候施行？答：今年7月1日起施行。\n草鱼苗为何涨价\n水温偏低，不知道哪些池塘会减产。"


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        (AnswerType.TIME, "什么时候", True),
        (AnswerType.TIME, "什么时候施行", True),
        (AnswerType.TIME, "今年7月1日", False),
        (AnswerType.REASON, "草鱼苗为何涨价", True),
        (AnswerType.REASON, "水温偏低", False),
        (AnswerType.WHAT, "不知道哪些池塘会减产", False),
        (AnswerType.LIST, "哪些", True),
    ],
)
def test_what_asks_is_no_answer(kind: AnswerType, said: str, expected: bool) -> None:
    start = TEXT.index(said)
    assert asks(kind, TEXT, start, start + len(said)) is expected
