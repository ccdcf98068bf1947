import pytest

from rag.ingest.denials import rumours


def told(title: str, text: str) -> list[tuple[str, str]]:
    whole = f"{title}\n{text}" if title else text
    return [
        (
            whole[one.claim.start : one.claim.end],
            "" if one.denial is None else whole[one.denial.start : one.denial.end],
        )
        for one in rumours(title, whole)
    ]


@pytest.mark.parametrize(
    ("text", "claim", "denial"),
    [
        ("有网民发布消息称，“水库溃坝，17人死亡”。经核查，该消息不实。", "有网民发布消息称，“水库溃坝，17人死亡”。", "经核查，该消息不实。"),
        ("有消息称，主帅已下课。俱乐部回应：“这是谣言。”", "有消息称，主帅已下课。", "俱乐部回应：“这是谣言。”"),
        ("市场有消息称，甲银行将被乙银行并购。", "市场有消息称，甲银行将被乙银行并购。", ""),
        ("网传豆芽有毒。李某因散布谣言被拘留7日。", "网传豆芽有毒。", "李某因散布谣言被拘留7日。"),
        ("网传豆芽有毒。李某因散布谣言被拘留7日。抽检结果表明消息不实。", "网传豆芽有毒。", "抽检结果表明消息不实。"),
        ("近日本行将被并购的传闻不属实，本行未与任何机构接触。", "近日本行将被并购的传闻", "近日本行将被并购的传闻不属实，本行未与任何机构接触。"),
    ],
)  # fmt: skip
def test_a_rumour_is_found_with_its_denial(text: str, claim: str, denial: str) -> None:
    assert told("", text) == [(claim, denial)]


@pytest.mark.parametrize(
    "text",
    [
        "网传某中学停课3天。校方证实，消息属实，初二4个班停课。",
        "被告人否认指控。法院认定其虚假出资120万元。",
        "警方提醒市民不信谣、不传谣。",
    ],
)
def test_what_is_confirmed_or_no_rumour_is_left_alone(text: str) -> None:
    assert told("", text) == []


def test_a_headline_that_asks_or_denies_is_governed_by_the_denial_in_the_text() -> None:
    found = told("酸奶检出细菌？官方辟谣", "网传酸奶检出细菌。监管局回应：系谣言。")
    assert found[0] == ("酸奶检出细菌？", "监管局回应：系谣言。")
    assert told("市运会开幕", "市运会开幕。网传门票售罄。组委会称传闻不实。")[0][0] == "网传门票售罄。"
