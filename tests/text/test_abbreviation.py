import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.abbreviation import abbreviations


def pairs(text: str) -> list[tuple[str, str]]:
    return [(found.short, found.long) for found in abbreviations(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("日前，中国人民银行（以下简称央行）宣布降息。", ("央行", "中国人民银行")),
        ("记者从北京大学（简称“北大”）获悉", ("北大", "北京大学")),
        ("云南滇池生态集团有限公司(下称滇池生态)表示", ("滇池生态", "滇池生态集团有限公司")),
        (
            "珠江三角洲水资源配置工程，下称“珠三角工程”，预计年底完工",
            ("珠三角工程", "珠江三角洲水资源配置工程"),
        ),
        ("据世界卫生组织（WHO）统计", ("who", "世界卫生组织")),
        ("《濒危野生动植物种国际贸易公约》（CITES）生效", ("cites", "濒危野生动植物种国际贸易公约")),
        ("阅微集团（00772.HK，下称“阅微”）发布财报", ("阅微", "阅微集团")),
        ("第十五屆全國運動會（以下簡稱「十五運」）開幕", ("十五运", "第十五届全国运动会")),
    ],
)
def test_an_article_says_what_it_abbreviates(text: str, expected: tuple[str, str]) -> None:
    assert pairs(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "北京盛云印刷股份有限公司（以下简称“公司”）公告",
        "国务院公布《节约用水条例》（以下简称《条例》）",
        "成都市第三医院（以下简称市医院）",
        "红砖房地产公司（以下简称甲方）与业主签约",
        "玩具公司美泰 (Mattel) 成立于1945年",
        "他称，项目将按期完工",
        "股东为（一）张三（II）李四",
        "陈氏股份有限公司（以下简称公司或陈氏）",
    ],
)
def test_what_names_nothing_by_itself_is_no_abbreviation(text: str) -> None:
    assert pairs(text) == []


def test_each_abbreviation_comes_once() -> None:
    assert pairs("世界卫生组织（WHO）说。世界卫生组织（WHO）又说。") == [("who", "世界卫生组织")]


@given(st.text(st.sampled_from("中国银行北大（）()简称以下“”《》，A1W \n"), max_size=60))
def test_names_stand_in_the_text(text: str) -> None:
    from rag.text.characters import fold

    for found in abbreviations(text):
        assert found.short in fold(text)
        assert found.long in fold(text)
        assert found.short != found.long
