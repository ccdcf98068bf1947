"""What is told of one thing is not told of its neighbour."""

import pytest

from rag.answering.checks.neighbours import other_in_order, other_of_its_kind
from rag.text.annotation import annotate

NOTHING = ("", "")
VACCINES = "目前三价流感疫苗每剂48元，四价流感疫苗每剂128元"
GUESTS = "截至11月4日，该馆累计接待观众508.3万人次，其中境外观众12.7万人次，分别较去年同期增长18.4%和46%"


@pytest.mark.parametrize(
    ("question", "sentence", "answer", "found"),
    [
        ("三价流感疫苗多少钱", VACCINES, "128元", ("三价流感疫苗", "四价流感疫苗")),
        ("三价流感疫苗多少钱", VACCINES, "48元", NOTHING),
        ("四价流感疫苗多少钱", VACCINES, "128元", NOTHING),
        ("三价流感疫苗多少钱", "三价、四价流感疫苗每剂128元", "128元", NOTHING),
        ("二期工程何时完工", "二期工程2026年开工，比三期工程早一年，2028年完工", "2028年", NOTHING),
        ("第二档水价是多少", "第二档水价3元，第三档水价5元", "5元", ("第二档水价", "第三档水价")),
        ("三月份投了多少", "三月份投了2亿元，四月份投了3亿元", "3亿元", NOTHING),
    ],
)
def test_a_thing_told_by_its_number(
    question: str, sentence: str, answer: str, found: tuple[str, str]
) -> None:
    assert other_of_its_kind(annotate(question), annotate(sentence), sentence.index(answer)) == found


@pytest.mark.parametrize(
    ("question", "sentence", "answer", "found"),
    [
        ("境外观众增长多少", GUESTS, "18.4%", ("境外观众", "该馆累计接待观众")),
        ("境外观众增长多少", GUESTS, "46%", NOTHING),
        ("观众增长多少", GUESTS, "18.4%", NOTHING),
        (
            "何引丽第几",
            "男子组杨绍辉、女子组何引丽分别获得第五名和第四名",
            "第五名",
            ("女子组何引丽", "男子组杨绍辉"),
        ),
        ("何引丽第几", "男子组杨绍辉、女子组何引丽分别获得第五名和第四名", "第四名", NOTHING),
        ("杨绍辉和何引丽第几", "男子组杨绍辉、女子组何引丽分别获得第五名和第四名", "第五名", NOTHING),
        (
            "2021年末人口多少",
            "2022年末和2021年末，常住人口分别为393.4万人和391.8万人",
            "393.4万人",
            ("2021年末", "2022年末"),
        ),
        ("2021年末人口多少", "2022年末和2021年末，常住人口分别为393.4万人和391.8万人", "391.8万人", NOTHING),
        (
            "7天期利率降了多少",
            "1年期和7天期操作，利率分别为2.5%、1.8%，较上次分别下降15个和10个基点",
            "10个",
            NOTHING,
        ),
        ("乙厂产量多少", "甲厂、乙厂和丙厂分别生产3吨、4吨", "3吨", NOTHING),
    ],
)
def test_things_told_in_order(question: str, sentence: str, answer: str, found: tuple[str, str]) -> None:
    assert other_in_order(annotate(question), annotate(sentence), sentence.index(answer)) == found
