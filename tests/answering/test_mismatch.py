import pytest

from rag.answering.mismatch import BLANK, Asked, contrary, in_its_place, strange_names


@pytest.mark.parametrize(
    ("word", "question", "sentence", "other"),
    [
        ("超市", f"大厦从超市现场疏散了{BLANK}", "大厦从医院现场疏散了20人。", "医院"),
        ("潜艇", f"该国潜艇{BLANK}抵达港口", "据悉，该国军舰5日抵达港口。", "军舰"),
        ("潜艇", f"该国潜艇3日导致{BLANK}受伤", "据悉，该国战机3日导致两人受伤。", "战机"),
        ("教练", f"俱乐部教练是{BLANK}", "俱乐部经理陈放表示，球队已经到了。", "经理"),
        ("拆除", f"全市已经拆除{BLANK}个加油站", "截至年底，全市已经改造30个加油站。", "改造"),
        ("停工", f"大桥主体工程停工是在{BLANK}", "大桥主体工程开工是在去年6月。", "开工"),
        ("失踪", f"山洪造成{BLANK}失踪，多人受伤", "山洪造成3人死亡，多人受伤。", "死亡"),
    ],
)
def test_another_word_in_the_same_slot_is_found(word: str, question: str, sentence: str, other: str) -> None:
    assert in_its_place(word, Asked(question, question), sentence) == other


@pytest.mark.parametrize(
    ("word", "question", "sentence"),
    [
        (
            "修建",
            f"全市修建{BLANK}个加油站",
            "截至年底，全市兴建30个加油站。",
        ),  # verbs that share a character
        ("公司", f"园区有{BLANK}家公司入驻", "园区有30家企业入驻。"),  # an alias
        ("农民", f"全市农民人均收入{BLANK}", "全市农村居民人均收入3万元。"),  # the long form
        (
            "建成",
            f"累计建成{BLANK}万亩农田",
            "今年新增农田23万亩，累计达到318万亩。",
        ),  # a verb that says nothing
        ("观众", f"决赛来了{BLANK}名观众", "决赛现场1.2万人到场。"),  # nothing stands in its place
        ("城市", f"广州城市面积{BLANK}", "深圳城市面积1997平方公里。"),  # it stands there itself
    ],
)
def test_other_words_for_the_same_are_no_contrast(word: str, question: str, sentence: str) -> None:
    assert in_its_place(word, Asked(question, question), sentence) == ""


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("谁得了女单第一", "男单第一是王某。", ("女", "男")),
        ("最低气温是多少", "最高气温38度。", ("最低", "最高")),
        ("出口多少", "进口17亿美元。", ("出口", "进口")),
        ("星期三谁来了", "张某周五到访。", ("星期三", "周五")),
        ("最高气温是多少", "最高气温38度，最低20度。", ("", "")),
        ("进出口总额是多少", "进口17亿美元。", ("", "")),
        ("谁得了第一", "男单第一是王某。", ("", "")),
    ],
)
def test_a_contrary_is_found(question: str, sentence: str, expected: tuple[str, str]) -> None:
    assert contrary(Asked.of(question), sentence, sentence) == expected


def test_a_contrary_is_none_where_the_asked_word_stands_near() -> None:
    assert contrary(Asked.of("女单第一是谁"), "男单第一是王某。", "女单决赛 男单第一是王某。") == ("", "")


def test_a_name_no_part_of_which_is_said_is_strange() -> None:
    assert strange_names(Asked.of("驻军向莫尔滕森基地移交了什么"), "驻军移交了塔季基地。") == ["莫尔滕森"]
    assert strange_names(Asked.of("驻军向莫尔滕森基地移交了什么"), "驻军向莫尔滕森移交基地。") == []
    assert strange_names(Asked.of("二〇二一年发生了什么"), "没有发生。") == []
    assert strange_names(Asked.of("有多少人参加"), "没有。") == []
