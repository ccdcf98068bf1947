from pathlib import Path

from tests.index.build.test_corrections import mended, row
from tests.support.places import Places

DENIED = "针对网传“鹿鸣牌酸奶检出沙门氏菌”一事，监管局回应：系谣言。抽检结果全部合格。"


def test_a_rumour_is_denied_by_a_later_article_that_tells_it_in_its_rare_words(
    tmp_path: Path, places: Places
) -> None:
    found = mended(
        tmp_path,
        places,
        row("传", "快讯", "5月12日，网传鹿鸣牌酸奶在抽检中检出沙门氏菌。", "2025-05-12"),
        row("他", "快讯", "5月12日，网传青禾牌酸奶在抽检中检出沙门氏菌。", "2025-05-12"),
        row("久", "快讯", "网传鹿鸣牌酸奶在抽检中检出沙门氏菌。", "2024-01-12"),
        row("辟", "检出细菌？监管部门辟谣", DENIED, "2025-05-13", "海宁日报"),
    )
    sentence = DENIED.partition("。")[0] + "。"
    assert [now for _, now, _ in found["传"]] == [sentence]
    assert found["他"] == found["久"] == []
    assert found["辟"][-1][1:] == (sentence, "辟")


def test_a_denial_need_not_repeat_the_numbers_of_the_rumour(
    tmp_path: Path, places: Places
) -> None:
    found = mended(
        tmp_path,
        places,
        row("传", "速览", "市场有消息称，云麓银行将被恒泰银行并购，交易对价约120亿元。", "2025-07-14"),
        row("辟", "并购传闻不实", "云麓银行公告：近日本行将被恒泰银行并购的传闻不属实。", "2025-07-15", "公司报"),
    )
    assert [source for *_, source in found["传"]] == ["辟"]
