import pytest

from rag.ingest.corrections import counterpart, notices


def pairs(title: str, text: str) -> list[tuple[str, str]]:
    return [
        (
            "" if one.was is None else text[one.was.start : one.was.end],
            text[one.now.start : one.now.end],
        )
        for one in notices(title, text)
    ]


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("更正", "本报3月2日《新桥通车》一文，“主跨360米”应为“主跨630米”。", [("主跨360米", "主跨630米")]),
        ("勘误", "3月2日《新馆长》一稿，误将馆长姓名“李文斌”写作“李文彬”。", [("李文彬", "李文斌")]),
        ("致读者", "3月2日本报报道《新校启用》误将教室写为36间，正确数字应为38间。", [("36间", "38间")]),
        (
            "数据说明",
            "本中心4月5日发布的用电数据有误，应为0.68亿度，而非0.86亿度。",
            [("0.86亿度", "0.68亿度")],
        ),
        ("公司更正半年报", "公司公告，上半年投入由2.1亿元更正为1.2亿元。", [("2.1亿元", "1.2亿元")]),
        (
            "传回影像",
            "此前本报报道卫星重320千克，经与研制单位核实，应为230千克。",
            [("320千克", "230千克")],
        ),
        ("更正", "本报《案件将开庭》，开庭日期应为6月26日。", [("", "6月26日")]),
        ("更正", "6月10日本报刊发的《6月20日开庭》，开庭日期应为6月26日。", [("6月20日", "6月26日")]),
        (
            "更正",
            "《路跑》一文，“7时30分起跑”应为“8时起跑”，“补给站15个”应为“补给站25个”。",
            [("7时30分起跑", "8时起跑"), ("补给站15个", "补给站25个")],
        ),
    ],
)
def test_the_wrong_and_the_right_words_are_found(title: str, text: str, found: list[tuple[str, str]]) -> None:
    assert pairs(title, text) == found


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("范本征求意见", "文本规定，首期预付款比例应为合同总价的30%，此前惯例为“50%”。"),
        ("词典修订", "新版更正了旧版注音错误46处，例如“叶公好龙”的“叶”应为“yè”。"),
        ("法院判决", "法院认为，赔偿金应为8万元，原告主张12万元。"),
    ],
)
def test_what_ought_to_be_is_no_correction(title: str, text: str) -> None:
    assert pairs(title, text) == []


def test_a_notice_names_its_headline_or_what_it_stands_in() -> None:
    (one,) = notices("更正", "本报《新桥通车》一文，“主跨360米”应为“主跨630米”。")
    (other,) = notices("新桥通车", "全长3公里。\n（编者注：本文首发时将桥墩误作54个，现已更正为45个。）")
    assert (one.cited, one.own, other.cited, other.own) == ("新桥通车", False, "", True)


@pytest.mark.parametrize(
    ("was", "now", "asked", "answer"),
    [
        ("设车站21座，其中换乘站12座", "设车站23座，其中换乘站11座", "12座", "11座"),
        ("主跨560米", "主跨650米", "560米", "650米"),
        ("主跨560米", "主跨650米", "主跨", None),
        ("馆长李文彬", "馆长李文斌", "李文彬", "李文斌"),
        ("最低气温零下29℃", "零下19℃", "零下29℃", "零下19℃"),
        ("设车站21座，其中换乘站12座", "设车站23座，其中换乘站12座", "12座", None),
    ],
)
def test_each_part_has_its_counterpart(was: str, now: str, asked: str, answer: str | None) -> None:
    start = was.index(asked)
    at = counterpart(was, now, start, start + len(asked))
    assert (None if at is None else now[slice(*at)]) == answer
