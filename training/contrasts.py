"""Near misses as people make them: another period, scope, office or measure than the text says, or a measure it lacks."""

import re
from collections.abc import Sequence
from random import Random

from rag.text.characters import fold
from training.events import OFFICES
from training.rewording import Edit

__all__ = ["contrasts", "homophones", "lacking", "mistyped", "other_office"]

# Words of a group exclude one another where one text says one of them; "=" joins words of one meaning.
GROUPS = (
    "一季度=第一季度=首季 二季度=第二季度 三季度=第三季度 四季度=第四季度|上半年 下半年 前三季度 全年|同比 环比|进口 出口|产量 销量|收入 利润 支出|"
    "国内 国外 国际|境内 境外|省内 省外|城镇 农村|城市 乡村|东部 西部 中部|北方 南方|沿海 内河 内陆|民营 国有 外资|新增 累计 存量|当月 累计|"
    "男子 女子|男性 女性|主队 客队|主场 客场|一期 二期 三期|首批 第二批 第三批|成人 儿童 学生|公路 铁路 水路 民航|货运 客运|发送 到达|"
    "投资 消费 出口|工业 农业 服务业|第一产业 第二产业 第三产业|春运 暑运|春节 国庆 五一 端午 中秋|上周 本周|早稻 中稻 晚稻|夏粮 秋粮|"
    "小麦 玉米 大豆 水稻|煤炭 原油 天然气|风电 水电 核电|高铁 地铁 公路|电影 电视剧|小学 初中 高中|本科 硕士 博士|职工 居民|买入 卖出|"
    "受伤 死亡 失踪|遇难 获救|原告 被告|甲方 乙方|冠军 亚军 季军|金牌 银牌 铜牌|最高 最低|最大 最小|最多 最少|长度 宽度 高度|总量 人均|"
    "计划 实际|预计 实际|目标 实际|批发 零售|新建 改建 扩建|签约 开工|招标 中标|申请 授权|受理 审结 撤销|维持 撤销|合格 不合格|线上 线下|"
    "上午 下午 晚上|周一 周二 周三 周六 周日|去程 返程|起点 终点|上限 下限|首付 月供|本金 利息|成本 售价|原价 现价|左 右"
)
# What may be asked of a subject, and the words of a text that may be an answer to it.
MISSING = (
    ("去年{}是多少", r"去年|上年|同期|20\d\d"),
    ("{}占比多少", "占|比重|比例|成"),
    ("{}同比增长多少", "同比|增|升|提高|涨|降|减|%|倍"),
    ("{}的目标是多少", "目标|计划|预计|力争|将|规划|预期"),
    ("{}排名第几", "第|排名|名列|居|首位"),
    ("人均{}是多少", "人均"),
    ("明年{}预计多少", "明年|预计|将|预期"),
    ("原来{}是多少", r"原|从|由|此前|之前|去年|上年|同期|20\d\d"),
)
TYPO_SHARE = 0.04
HAN = re.compile("[一-龥]")


def contrasts(question: str, passage: str, random: Random) -> list[Edit]:
    """Return edits to words that exclude what the question asks for and the passage says, one for each group."""
    plain, asked, found = fold(passage), fold(question), []
    for group in GROUPS.split("|"):
        words = [set(word.split("=")) for word in group.split()]
        said = [(word, names) for names in words for word in names if word in asked and word in plain]
        if len(said) != 1 or len(said[0][0]) < 2:
            continue
        others = [name for names in words if names is not said[0][1] for name in sorted(names)]
        if not any(name in plain or name in asked for name in others):
            found.append(Edit("contrast", said[0][0], random.choice(others)))
    return [edit for edit in found if not any(edit.old in other.old != edit.old for other in found)]


def lacking(subject: str, passage: str, random: Random) -> str | None:
    """Return a question about the subject that the passage cannot answer, None if it may answer all of them."""
    forms = [form for form, words in MISSING if not re.search(words, passage)]
    return random.choice(forms).format(subject) if forms else None


def other_office(office: str, passage: str, random: Random) -> str | None:
    """Return the office above, below or beside: 外长 for 副外长; None if the passage names all of them."""
    match = re.search(f"(?:{OFFICES})$", office)
    if match is None:
        return None
    before, name = office[: match.start()], match[0]
    turned = name[1:] if name.startswith("副") else f"副{name}"
    names = [turned] if random.random() < 0.6 else [one for one in OFFICES.split("|") if one != name]
    fresh = [
        one for one in names if before + one not in passage and (one == turned or not one.endswith(name))
    ]
    return before + random.choice(fresh) if fresh else None


def mistyped(question: str, alike: dict[str, str], random: Random) -> str:
    """Return the question with one character put in the place of another that is pronounced alike."""
    places = [n for n, char in enumerate(question) if HAN.match(char) and len(alike.get(char, "")) > 1]
    if not places:
        return question
    at = random.choice(places)
    said = random.choice([char for char in alike[question[at]] if char != question[at]])
    return question[:at] + said + question[at + 1 :]


def homophones(lines: Sequence[str]) -> dict[str, str]:
    """Return for each character those of its syllable; `lines` are those of rag/query/pinyin.txt."""
    rows = [line.split()[1] for line in lines if line and not line.startswith("#")]
    return {char: row for row in rows for char in row}
