from datetime import date
from pathlib import Path

import pytest

from rag.answering.evidence import weigh
from rag.answering.quotes import quote_evidence
from rag.answering.tables.cells import cell_candidates, cell_said
from rag.index.build.chunking import chunk
from rag.ingest.articles import read_articles
from rag.query.analysis import understand
from rag.records import BlockKind, Candidate, Hit

TODAY = date(2024, 12, 1)
GRAIN = """# 临江县公布各镇粮食产量

临江县1月5日公布各镇2023年粮食产量。

|镇名|产量（吨）|同比|面积|
|---|---|---|---|
|东河镇|18200|+2.5%|—|
|西河镇|9600|-1.2%|300亩|
|合计|27800|+1.1%|900亩|
"""
MONEY = """# 临江县财政收入

临江县公布财政收入。

表1 财政收入（单位：亿元）

|年份|财政收入|税收收入|
|---|---|---|
|2022|12.5|8.1|
|2023|13.4|9.2|
"""
ACROSS = """# 临江市三县情况

|指标|甲山县|乙水县|
|---|---|---|
|常住人口（万人）|31.5|42.6|
|城镇化率（%）|52.1|48.3|
"""
INDICATORS = """# 临江市主要指标

|指标|单位|数值|同比增长|
|---|---|---|---|
|地区生产总值|亿元|812.5|6.1%|
|社会消费品零售总额|亿元|305.7|4.8%|
"""
RANKS = """# 临江省营商环境评价

|排名|城市|得分|
|---|---|---|
|1|南浦市|95.2|
|2|北塘市|93.1|
"""
STAFF = """# 临江区领导分工

|姓名|职务|分管工作|
|---|---|---|
|何志强|常务副区长|财政、税务|
|冯雅琴|副区长|教育、卫生健康|
"""
POSTS = """# 临江县第三中学招聘教师

临江县第三中学公布各岗位招聘人数。

- 语文教师：15人
- 数学教师：12人
"""
BUSES = """# 临江市调整首班车

临江市公布各线路首班车时间。

- 7路：6:10
- 27路：6:20
- 夜18路：22:30
"""
TICKETS = """# 西山景区公布票价

西山景区公布各类门票价格。

- 成人票：80元
- 学生票：40元
- 儿童票：免费
"""
LEADERS = """# 南桥镇选出领导班子

南桥镇公布名单。

- 镇长：陈志远
- 副镇长：林晓梅、周建国
- 党委书记：罗文斌
"""


def found(tmp_path: Path, text: str, question: str) -> list[Candidate]:
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    rows = [passage for passage in chunk(article) if passage.kind is BlockKind.ROW]
    query = understand(question, question, TODAY)
    return list(cell_candidates(query, [Hit(one, at, 1.0, {}) for at, one in enumerate(rows)]))


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (GRAIN, "西河镇的粮食产量是多少？", "9600吨"),
        (GRAIN, "东河镇粮食产量同比变化多少？", "+2.5%"),
        (GRAIN, "西河镇种植面积是多少？", "300亩"),
        (GRAIN, "临江县粮食产量合计多少？", "27800吨"),
        (INDICATORS, "临江市社会消费品零售总额增长多少？", "4.8%"),
        (INDICATORS, "临江市社会消费品零售总额是多少？", "305.7亿元"),
        (MONEY, "临江县去年财政收入是多少？", "13.4亿元"),
        (MONEY, "2022年临江县税收收入多少亿元？", "8.1亿元"),
        (ACROSS, "乙水县的常住人口有多少？", "42.6万人"),
        (ACROSS, "甲山县的城镇化率是多少？", "52.1%"),
        (RANKS, "营商环境评价排名第二的是哪个城市？", "北塘市"),
        (RANKS, "南浦市营商环境评价排名第几？", "1"),
        (STAFF, "临江区的常务副区长是谁？", "何志强"),
        (STAFF, "冯雅琴分管什么工作？", "教育、卫生健康"),
        (f"{POSTS}- 校医：1人\n", "第三中学语文老师招几个人？", "15人"),
        (f"{POSTS}- 校医：1人\n", "第三中学招聘校医多少人？", "1人"),
        (BUSES, "27路首班车几点？", "6:20"),
        (TICKETS, "西山景区学生票多少钱？", "40元"),
        (TICKETS, "西山景区儿童票多少钱？", "免费"),
        (LEADERS, "南桥镇副镇长是谁？", "林晓梅、周建国"),
        (LEADERS, "南桥镇镇长是谁？", "陈志远"),
    ],
)
def test_the_cell_that_its_row_and_its_column_name(
    tmp_path: Path, text: str, question: str, answer: str
) -> None:
    assert [candidate.text for candidate in found(tmp_path, text, question)] == [answer]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (GRAIN, "南河镇的粮食产量是多少？"),  # no such row
        (GRAIN, "西河镇的棉花产量是多少？"),  # of nothing that the table is about
        (GRAIN, "东河镇的种植面积是多少？"),  # the cell says —
        (GRAIN, "哪个镇的粮食产量最高？"),  # nothing is computed
        (MONEY, "2019年临江县财政收入是多少？"),
        (ACROSS, "丙石县的常住人口有多少？"),
        (f"{POSTS}- 校医：1人\n", "第三中学招体育老师几个人？"),
        (BUSES, "127路首班车几点？"),
    ],
)
def test_a_cell_that_is_not_there_is_no_other(tmp_path: Path, text: str, question: str) -> None:
    assert found(tmp_path, text, question) == []


def test_a_row_is_quoted_with_its_head_and_caption(tmp_path: Path) -> None:
    (candidate,) = found(tmp_path, MONEY, "临江县2023年税收收入是多少？")
    assert candidate.fact is not None
    query = understand("q", "临江县2023年税收收入是多少？", TODAY)
    quote = quote_evidence(query, weigh(query, candidate))
    assert quote.text == "2023\t13.4\t9.2"
    assert [p for p in quote.pieces[1:] if p != "临江县财政收入"] == [
        "表1 财政收入（单位：亿元）",
        "年份\t财政收入\t税收收入",
    ]
    assert cell_said(candidate, candidate.fact) == "“2023”“税收收入”：9.2亿元"
