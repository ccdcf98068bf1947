"""Long forms that stand beside a short one."""

from dataclasses import replace

import pytest

from rag.answering.glosses import glossed
from rag.query.expansion import Form
from tests.support.hand import hit, make, passages, query

HITS = [
    hit(passage)
    for passage in passages(
        make("云泽市居民消费价格指数（CPI）上月上涨0.2%，消费者信心指数（CCI，月度）持平。", title="物价平稳")
    )
]
FORMS = (Form("cpi", "居民消费价格指数"), Form("cci", "消费者信心指数"), Form("gdp", "地区生产总值"))


@pytest.mark.parametrize(
    ("question", "long"),
    [
        ("CPI是什么？", ["居民消费价格指数"]),
        ("CPI是什么意思", ["居民消费价格指数"]),
        ("CCI的全称是什么", ["消费者信心指数"]),
        ("GDP是什么？", []),  # not written there
        ("CPI上涨的主要因素是什么？", []),  # not what it stands for
        ("CPI是多少？", []),
    ],
)
def test_a_short_form_is_answered_by_the_long_one_beside_it(question: str, long: list[str]) -> None:
    asked = replace(query(question), forms=FORMS)
    assert [found.text for found in glossed(asked, HITS)] == long
