import pytest

from rag.answering.checks.interrogative import asks
from tests.support.hand import query

TEXT = "问：办法什么时候施行？答：今年7月1日起施行。\n草鱼苗为何涨价\n水温偏低，不知道哪些池塘会减产。更多“草鱼苗在什么时候投放”请看下页。"


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        ("办法什么时候施行？", "什么时候", True),
        ("办法什么时候施行？", "什么时候施行", True),
        ("办法什么时候施行？", "今年7月1日", False),
        ("草鱼苗为什么涨价？", "草鱼苗为何涨价", True),
        ("草鱼苗为什么涨价？", "水温偏低", False),
        ("养殖户不知道什么？", "不知道哪些池塘会减产", False),
        ("哪些池塘会减产？", "哪些", True),
        ("草鱼苗在什么时候投放？", "草鱼苗在什么时候投放", True),
        ("草鱼苗哪天投放？", "草鱼苗在什么时候投放", False),
    ],
)
def test_what_asks_is_no_answer(question: str, said: str, expected: bool) -> None:
    start = TEXT.index(said)
    assert asks(query(question), TEXT, start, start + len(said)) is expected
