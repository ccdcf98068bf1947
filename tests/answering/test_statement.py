import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.grounding import unsupported
from rag.answering.statement import items, statement
from tests.support.hand import query

SENTENCE = "截至2023年底，滨江新区已建成公园超86座"
TITLE = "成都滨江新区负责人谈公园投入使用"


def said(question: str, answer: str, as_of: str = "", quoted: str = SENTENCE, *, outlook: str = "") -> str:
    return statement(query(question), answer, as_of, quoted, SENTENCE, outlook, TITLE)


@pytest.mark.parametrize(
    ("question", "answer", "as_of", "expected"),
    [
        ("滨江新区有多少座公园？", "超86座", "", "滨江新区有超86座公园"),
        ("滨江新区有多少座公园？", "超86座", "截至2023年底", "截至2023年底，滨江新区有超86座公园"),
        ("请问滨江新区公园有多少座呢？", "超86座", "", "滨江新区公园超86座"),
        ("滨江新区公园超多少座？", "超86座", "", "滨江新区公园超86座"),
        ("滨江新区在哪里？", "成都", "", "滨江新区在成都"),
        ("负责人是谁？", "林晓岚", "", "负责人是林晓岚"),
        ("公园什么时候建成？", "2023年底", "截至2023年底", "公园2023年底建成"),
    ],
)
def test_the_answer_takes_the_place_of_the_interrogative(
    question: str, answer: str, as_of: str, expected: str
) -> None:
    assert said(question, answer, as_of) == expected


def test_a_number_that_is_not_quoted_is_not_said() -> None:
    assert said("2035年滨江新区有多少座公园？", "超86座") == f"“{SENTENCE}”"


def test_why_and_whether_are_answered_by_the_sentence_itself() -> None:
    assert said("为什么要建公园？", "公园") == f"“{SENTENCE}”"
    assert said("公园建成了吗？", "已建成") == f"“{SENTENCE}”"


def test_an_aim_is_called_one() -> None:
    assert said("滨江新区有多少座公园？", "超86座", outlook="目标") == "（目标）滨江新区有超86座公园"
    assert said("公园什么时候建成？", "2023年底", outlook="预计") == "（预计）公园2023年底建成"
    for word in ("计划", "有望", "争取", "规划"):
        assert "（目标）" not in said(f"滨江新区{word}建多少座公园？", "超86座", outlook="目标")


@given(
    st.text(st.sampled_from("滨江新区有多少座公园2035年一共？是什么几"), max_size=20),
    st.sampled_from(["超86座", "公园"]),
)
def test_every_number_said_is_quoted(question: str, answer: str) -> None:
    assert not unsupported(said(question, answer), [SENTENCE])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("百度、科大讯飞、华为", ("百度", "科大讯飞", "华为")),
        ("《甲》《乙》以及《丙》", ("《甲》《乙》", "《丙》")),
        ("甲厂和乙厂", ("甲厂", "乙厂")),
        ("公园", ("公园",)),
    ],
)
def test_a_list_is_split_as_it_is_written(answer: str, expected: tuple[str, ...]) -> None:
    assert items(answer) == expected


@pytest.mark.parametrize(
    ("question", "answer", "asserted"),
    [
        ("智能制造榜单由谁公布？", "成都协会", True),
        ("智能制造榜单由谁发布？", "成都协会", False),  # 发布 is not said there
        ("智能制造榜单由谁发布？", "智能制造协会", False),  # says 智能制造 twice
        ("榜单由谁发布，还有谁？", "制造协会", False),  # asks on
        ("榜单由谁发布？", "制造协会，在成都", False),  # a clause is no name
        ("榜单有多少项？", "突破300项", False),  # 有突破
        ("榜单有多少项？", "300项", True),
    ],
)
def test_what_no_newspaper_would_print_is_quoted(question: str, answer: str, asserted: bool) -> None:
    sentence = f"成都{answer}公布了智能制造榜单"
    said = statement(query(question), answer, "", sentence, sentence, "")
    assert (said != f"“{sentence}”") == asserted


def test_a_fact_is_not_told_as_a_forecast() -> None:
    assert said("滨江新区预计有多少座公园？", "超86座") == f"“{SENTENCE}”"
    quoted = "滨江新区预计建成公园超86座"
    assert (
        said("滨江新区预计有多少座公园？", "超86座", quoted=quoted, outlook="预计")
        == "滨江新区预计有超86座公园"
    )


def test_neither_what_happened_nor_what_was_counted_gets_lost() -> None:
    assert said("公园什么时候投入使用？", "2023年底") == "公园2023年底投入使用"
    assert said("大桥多长？", "29公里", quoted="大桥全长29公里") == "大桥长29公里"
    assert said("大桥有多长？", "29公里", quoted="大桥全长29公里") == "大桥有29公里长"
    assert said("补贴了多少企业？", "86家", quoted="补贴了86家企业") == "补贴了86家企业"


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("新区那个公园里有多少座亭子？", "86座", "新区公园有亭子86座"),  # 那个, 里
        ("新区 公园 亭子数量", "86座", "新区公园亭子数量86座"),
        ("工厂缺多少电焊工？", "约700人", "工厂缺电焊工约700人"),
        ("合同续到哪天？", "至2025年1月15日", "合同续至2025年1月15日"),
        ("上一次罢工是哪年？", "1998年以来", "上一次罢工是1998年以来首次"),
        ("寒潮什么时候结束？", "7日起", "寒潮7日起结束"),
        ("高铁每天开行多少列车？", "36列", "高铁每天开行列车36列"),
        ("新馆什么时候开放的？", "2023年7月", "新馆2023年7月开放的"),
    ],
)
def test_what_is_asked_in_other_words_is_quoted(question: str, answer: str, sentence: str) -> None:
    assert statement(query(question), answer, "", sentence, sentence, "") == f"“{sentence}”"


@pytest.mark.parametrize(
    ("sentence", "as_of", "dated"),
    [
        ("截至2023年底，新区有公园86座", "截至2023年底", True),
        ("新区统计显示，2023年新区有公园86座", "2023年", True),
        ("新区2021年启动建园，有公园86座", "2021年", False),
        ("2021年新区启动建园，有公园86座", "2021年", False),
    ],
)
def test_a_time_is_put_first_only_where_it_opens_the_clause(sentence: str, as_of: str, dated: bool) -> None:
    said = statement(query("新区有多少公园？"), "86座", as_of, sentence, sentence, "")
    assert said == (f"{as_of}，新区有86座公园" if dated else "新区有86座公园")


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("市里发现了什么？", "游客走失时", "市里发现了游客走失时，已是傍晚"),  # part of a clause
        ("桥梁检测结果是什么？", "呈良好状态", "桥梁检测结果呈良好状态"),
        ("灯会是哪天结束的？", "4日晚", "灯会是4日晚结束的"),  # of which month
        ("灯会是什么时候结束的？", "今年", "今年，灯会结束"),
        ("房屋什么时候重建完成？", "2024年11月底", "房屋2024年11月底前重建完成"),  # 前 is lost
        ("分局总部在哪里？", "高新区", "分局总部将落户高新区"),  # not there yet
        ("选手是哪个国家的人？", "肯尼亚", "选手是肯尼亚国家的人"),
        ("古镇因什么闻名？", "因瓷器", "古镇因瓷器闻名"),
    ],
)
def test_what_is_not_whole_by_itself_is_quoted(question: str, answer: str, sentence: str) -> None:
    assert statement(query(question), answer, "", sentence, sentence, "") == f"“{sentence}”"


def test_when_it_began_says_that_it_began() -> None:
    sentence = "2023年5月，车队开始夜间巡逻"
    said = statement(query("车队什么时候开始夜间巡逻？"), "2023年5月", "", sentence, sentence, "")
    assert said == "车队2023年5月开始夜间巡逻"


def test_a_time_that_only_its_article_places_is_not_put_first() -> None:
    sentence = "目前，新区有公园86座"
    assert statement(query("新区有多少公园？"), "86座", "目前", sentence, sentence, "") == "新区有86座公园"


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "expected"),
    [
        (
            "印度封禁了哪些手机应用？",
            "59款手机应用程序",
            "印度封禁了59款手机应用程序",
            "印度封禁了59款手机应用程序",
        ),
        ("药物会抑制什么生长？", "头发", "药物会抑制头发的生长", "“药物会抑制头发的生长”"),
        ("药物会抑制什么？", "头发", "药物会抑制头发", "药物会抑制头发"),
        (
            "法院指控甲公司什么？",
            "通过向乙等",
            "法院指控甲公司通过向乙等付费排挤对手",
            "“法院指控甲公司通过向乙等付费排挤对手”",
        ),
        ("甲曾担任哪位著名暴君的老师？", "尼禄", "甲曾担任尼禄的老师", "“甲曾担任尼禄的老师”"),
        ("甲是哪位歌手的父亲？", "乙", "甲是乙的父亲", "“甲是乙的父亲”"),
        ("甲市执行哪一档最低工资？", "第一档", "甲市执行第一档", "“甲市执行第一档”"),
        (
            "该格式被哪些影像格式所取代？",
            "乙、丙渐渐取代",
            "该格式被乙、丙渐渐取代",
            "“该格式被乙、丙渐渐取代”",
        ),
        ("小镇在哪里？", "位于中部公路之上", "小镇位于中部公路之上", "“小镇位于中部公路之上”"),
        ("影片什么时候公映？", "1月9日", "影片次年1月9日公映", "“影片次年1月9日公映”"),
        ("主持人在哪儿长大？", "邨内", "主持人在邨内长大", "主持人在邨内长大"),
        ("冠军是哪国选手？", "肯尼亚", "冠军是肯尼亚选手", "冠军是肯尼亚选手"),
        ("官方語言為何？", "俄語", "官方語言為俄語", "官方語言為俄語"),
        ("清查行动在哪里进行？", "滨江新区", "清查行动在滨江新区进行", "清查行动在滨江新区进行"),
        (
            "歌手在哪里演出时发生的爆炸案？",
            "成都",
            "歌手在成都演出时发生的爆炸案已告破",
            "“歌手在成都演出时发生的爆炸案已告破”",
        ),
    ],
)
def test_a_noun_behind_the_interrogative_is_said_once_or_not_lost(
    question: str, answer: str, sentence: str, expected: str
) -> None:
    assert statement(query(question), answer, "", sentence, sentence, "") == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("滨江新区哪年有了首个湿地公园？", "“滨江新区2019年有了全球首个湿地公园”"),
        ("滨江新区哪年有了全球首个湿地公园？", "滨江新区2019年有了全球首个湿地公园"),
        ("滨江新区哪年有了湿地公园？", "滨江新区2019年有了湿地公园"),
    ],
)
def test_the_first_is_said_with_where_it_is_the_first(question: str, expected: str) -> None:
    sentence = "滨江新区2019年有了全球首个湿地公园"
    assert statement(query(question), "2019年", "", sentence, sentence, "") == expected
