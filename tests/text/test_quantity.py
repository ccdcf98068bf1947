from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.quantity import Quantity, enclosing, quantities, same_value, unit_class

Row = tuple[str, str, str, str, str]


@pytest.mark.parametrize(
    ("text", "span", "number", "unit", "bound"),
    [
        ("建成5G基站超8万个", "超8万个", "80000", "个", "超"),
        ("基站约15.96万个。", "约15.96万个", "159600", "个", "约"),
        ("共5.2万", "5.2万", "52000", "", ""),
        ("共52000", "52000", "52000", "", ""),
        ("共52,000份", "52,000份", "52000", "份", ""),
        ("５．２万户", "５．２万户", "52000", "户", ""),
        ("五万二千", "五万二千", "52000", "", ""),
        ("臺灣三萬人", "三萬人", "30000", "人", ""),
        ("两百三十件", "两百三十件", "230", "件", ""),
        ("一点五亿", "一点五亿", "150000000", "", ""),
        ("共十五", "十五", "15", "", ""),
        ("十五座桥", "十五座", "15", "座", ""),
        ("百分之三十五", "百分之三十五", "35", "%", ""),
        ("占35%。", "35%", "35", "%", ""),
        ("占35 ％。", "35 ％", "35", "％", ""),
        ("出生率3.5‰", "3.5‰", "7/2", "‰", ""),
        ("千分之五点三", "千分之五点三", "53/10000", "", ""),
        ("三成游客", "三成", "3", "成", ""),
        ("五成五受访者", "五成五", "11/2", "成", ""),
        ("超七成", "超七成", "7", "成", "超"),
        ("半数以上", "半数以上", "1/2", "", "以上"),
        ("一半居民", "一半", "1/2", "", ""),
        ("过半数", "过半数", "1/2", "", "超"),
        ("三分之二", "三分之二", "2/3", "", ""),
        ("十余万人", "十余万人", "100000", "人", "超"),
        ("200多家", "200多家", "200", "家", "超"),
        ("40余个", "40余个", "40", "个", "超"),
        ("近百家企业", "近百家", "100", "家", "近"),
        ("上百家企业", "上百家", "100", "家", "以上"),
        ("百余所高校", "百余所", "100", "所", "超"),
        ("逾5万人", "逾5万人", "50000", "人", "超"),
        ("超过10个", "超过10个", "10", "个", "超"),
        ("突破6000列", "突破6000列", "6000", "列", "超"),
        ("不足20%", "不足20%", "20", "%", "不足"),
        ("不到一半", "不到一半", "1/2", "", "不足"),
        ("至少3人", "至少3人", "3", "人", "以上"),
        ("40岁以上", "40岁以上", "40", "岁", "以上"),
        ("5个以下", "5个以下", "5", "个", "以下"),
        ("不超过3个", "不超过3个", "3", "个", "以下"),
        ("10天左右", "10天左右", "10", "天", "约"),
        ("约为15摄氏度左右", "约为15摄氏度左右", "15", "摄氏度", "约"),
        ("签约总金额10.84亿元", "10.84亿元", "1084000000", "元", ""),
        ("首付款7000万美元", "7000万美元", "70000000", "美元", ""),
        ("融资 1.37 亿元", "1.37 亿元", "137000000", "元", ""),
        ("5亿元人民币", "5亿元人民币", "500000000", "元人民币", ""),
        ("￥5.2万", "￥5.2万", "52000", "元", ""),
        ("售价$500", "$500", "500", "美元", ""),
        ("1亿2000万元", "1亿2000万元", "120000000", "元", ""),
        ("1.5万亿元", "1.5万亿元", "1500000000000", "元", ""),
        ("每吨1500元/吨", "1500元/吨", "1500", "元/吨", ""),
        ("净利润为-1.73亿元", "-1.73亿元", "-173000000", "元", ""),
        ("零下5摄氏度", "零下5摄氏度", "-5", "摄氏度", ""),
        ("第3届", "第3", "3", "第", ""),
        ("第十四届", "第十四", "14", "第", ""),
        ("算力总规模超8000P", "超8000P", "8000", "P", "超"),
        ("标注60PB数据", "60PB", "60", "PB", ""),
        ("5000千瓦时", "5000千瓦时", "5000", "千瓦时", ""),
        ("3千瓦", "3千瓦", "3", "千瓦", ""),
        ("三个月", "三个月", "3", "个月", ""),
        ("20多天", "20多天", "20", "天", "超"),
        ("3年多", "3年多", "3", "年", "超"),
        ("2个多月", "2个多月", "2", "个月", "超"),
        ("两个半小时", "两个半小时", "5/2", "小时", ""),
        ("历时半年", "半年", "1/2", "年", ""),
        ("速度60公里/小时", "60公里/小时", "60", "公里/小时", ""),
        ("增长1.2个百分点", "1.2个百分点", "6/5", "个百分点", ""),
        ("签约10个项目", "10个", "10", "个", ""),
        ("附近3家医院", "3家", "3", "家", ""),
        ("万人次客流达218万人次", "218万人次", "2180000", "人次", ""),
    ],
)
def test_a_number_is_read_with_its_unit_and_bound(
    text: str, span: str, number: str, unit: str, bound: str
) -> None:
    found = quantities(text)[-1]
    read = (text[found.start : found.end], found.number, found.unit, found.bound)
    assert read == (span, Fraction(number), unit, bound)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("3至5年", 3, 5, "年"),
        ("三至五年", 3, 5, "年"),
        ("10%-15%", 10, 15, "%"),
        ("增长45%-55%", 45, 55, "%"),
        ("3～5", 3, 5, ""),
        ("8-10万人", 80000, 100000, "人"),
        ("8000-1万人", 8000, 10000, "人"),
        ("200万港元至400万港元", 2000000, 4000000, "港元"),
        ("五六个", 5, 6, "个"),
    ],
)
def test_a_range_has_an_upper_number(text: str, low: int, high: int, unit: str) -> None:
    [found] = quantities(text)
    assert found.upper is not None
    assert (int(found.number), int(found.upper), found.unit) == (low, high, unit)


@pytest.mark.parametrize(
    "text",
    """5G|4K/8K|A4纸|AI2|5G-A|5.5G网络|GPT-4|K12|G20峰会|XeSS 1.2.0|iPhone 15 Pro|1080P|1号线|315晚会|v2.1.3|192.168.0.1
    2023年|２０２３年|二〇二三年|2023-08-16|2023.08.16|8 月 16 日|8月16日|8月至10月|2021-2025年|80年代|2023财年|9:30|20时许|3点半|6点左右|9·11|三位一体|3:1
    3比1|第三季度|三季度|前三季度|前7个月|一方面|一起|一直|万一|三心二意|进一步|一致|一些|一带一路|一次次|这一地区|十分重要|千万别
    |三农|九寨沟|四川|万科|千岛湖|数百名|几十个|百分点|千家万户|十四五|二十大|5年级|三年级|(600297)|600380.SH|上半年|两位数|统一部署|星期三""".replace(
        "\n", "|"
    ).split("|"),
)
def test_names_dates_and_words_are_no_quantities(text: str) -> None:
    assert quantities(text.strip()) == []


def test_the_core_leaves_the_bound_words_out() -> None:
    text = "面积约68亩左右"
    [found] = quantities(text)
    assert (text[found.start : found.end], text[found.core_start : found.core_end]) == ("约68亩左右", "68亩")


def test_several_numbers_come_in_order() -> None:
    text = "建成4G基站约7.8万个，建成5G基站超8万个，通达率100%"
    assert [text[q.start : q.end] for q in quantities(text)] == ["约7.8万个", "超8万个", "100%"]


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("元", "money"),
        ("美元", "money"),
        ("元/吨", "money"),
        ("%", "percent"),
        ("公里", "length"),
        ("亩", "area"),
        ("吨", "mass"),
        ("立方米", "volume"),
        ("天", "time"),
        ("PB", "data"),
        ("个", "count"),
        ("名", "people"),
        ("℃", "temperature"),
        ("公里/小时", "speed"),
        ("千瓦时", "energy"),
        ("兆瓦", "power"),
        ("第", "ordinal"),
        ("岁", "age"),
        ("", ""),
        ("哎", ""),
    ],
)
def test_every_unit_has_a_class(unit: str, kind: str) -> None:
    assert unit_class(unit) == kind


def one(text: str) -> Quantity:
    [found] = quantities(text)
    return found


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("10.84亿元", "108400万元"),
        ("35%", "百分之三十五"),
        ("三成", "30%"),
        ("一半", "50%"),
        ("3公里", "3000米"),
        ("5人", "五名"),
        ("2平方公里", "2平方千米"),
        ("1.5吨", "1500公斤"),
        ("5.2万个", "５２０００个"),
        ("40个", "40家"),
        ("5元/公斤", "5000元/吨"),
        ("3至5年", "三至五年"),
    ],
)
def test_the_same_amount_in_other_words_is_equal(a: str, b: str) -> None:
    assert same_value(one(a), one(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("8万个", "7万个"),
        ("5元", "5美元"),
        ("35%", "35个"),
        ("65所", "65家"),
        ("第3", "3个"),
        ("3至5年", "3年"),
        ("5元/吨", "5元"),
    ],
)
def test_other_amounts_are_not_equal(a: str, b: str) -> None:
    assert not same_value(one(a), one(b))


def test_a_span_is_widened_to_whole_quantities() -> None:
    text = "建成5G基站超8万个，"
    assert enclosing(text, 7, 10) == (6, 10)
    assert enclosing(text, 0, 2) == (0, 2)


@given(
    st.text(
        alphabet=st.sampled_from(
            "0123456789.,，%-～至零一二三十百千万亿半成第超约近元个年月日 G多余上下点分之为/（a"
        ),
        max_size=40,
    )
)
def test_spans_are_in_order_and_in_range(text: str) -> None:
    last = 0
    for found in quantities(text):
        assert last <= found.start <= found.core_start < found.core_end <= found.end <= len(text)
        last = found.end


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(found.start < found.end for found in quantities(text))


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "1.",
        "九",
        "1,234",
        "第1",
        "点",
        "一百",
        "1-",
        "a1",
        "1:",
        "百万亿",
        "超",
        "٣",
        "9千万亿元",
        "(",
        "1比",
    ],
)
def test_a_very_long_run_is_no_trouble(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    assert all(found.start < found.end for found in quantities(text))


@pytest.mark.parametrize(
    "step", ["万", "十万", "百万", "千万", "亿", "百亿", "千亿", "万亿", "十万亿", "百万亿", "千万亿"]
)
def test_every_step_multiplies(step: str) -> None:
    [found] = quantities(f"3{step}元")
    [han] = quantities(f"三{step}元")
    assert found.number == han.number >= 30000
