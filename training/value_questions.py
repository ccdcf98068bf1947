"""Questions about the values of `training.parallels`, each in one of many forms, so that none of them is learnt."""

import re
from random import Random

from rag.text.quantity import unit_class
from training.parallels import CHANGE, LINK, Fact

__all__ = ["question"]


def question(fact: Fact, whole: bool, year: str, random: Random) -> str:
    """Return a question for the fact; `whole`: say the time, too; `year` stands for 今年 and is put before a month."""
    asked = {"change": _of_change, "old": _of_old, "new": _of_new}.get(fact.kind, _of_level)(fact, random)
    when = fact.when
    if fact.kind in ("old", "new") and re.match(r"\d{4}", when):
        return asked
    if when and (whole or random.random() < 0.45):
        if random.random() < 0.5:
            when = (
                re.sub("^(?:今年)?的?", year, when)
                if not when.startswith(("去年", "上年", "20", "19"))
                else when
            )
        asked = (
            f"{when}{asked}"
            if random.random() < 0.8 or fact.subject not in asked
            else asked.replace(fact.subject, f"{fact.subject}{when}", 1)
        )
    return (
        random.choice(("", "", "", "", "请问", "我想问下", "查一下"))
        + asked
        + random.choice(("？", "？", "", "", "?", "呢？"))
    )


def _amount(fact: Fact, random: Random) -> str:
    """Return the interrogative with or without the unit."""
    kind, unit = unit_class(fact.unit), fact.unit
    if fact.size and random.random() < 0.5:
        unit = fact.size + unit
    if kind == "percent":
        return random.choice(("多少", "多少", "百分之多少", "百分之几"))
    if kind == "money":
        return random.choice((f"多少{unit}", "多少钱", "多少"))
    return random.choice(
        (f"多少{unit}", f"多少{unit}", "多少", f"几{unit}" if random.random() < 0.3 else "多少")
    )


def _of_level(fact: Fact, random: Random) -> str:
    amount, subject, link = (
        _amount(fact, random),
        fact.subject,
        re.sub("约|超过|超|近|接近|突破", "", fact.link),
    )
    if fact.tail and fact.tail not in ("左右", "以上"):
        whole = f"多少{fact.unit}" if unit_class(fact.unit) != "percent" else "多少"
        return f"{subject}{link}{whole}{fact.tail}"
    share = unit_class(fact.unit) == "percent"
    if link and not LINK.fullmatch(link):
        return random.choice((f"{subject}{link}{amount}", f"{subject}{link}了{amount}"))
    forms = [f"{subject}{link}{amount}", f"{subject}是{amount}", f"{subject}{amount}", f"{subject}为{amount}"]
    forms += [subject, f"{subject}达到{amount}"]
    forms += [f"{subject}有{amount}"] if not share else [f"{subject}{link}几成"]
    if "占" in link:
        forms = [f"{subject}{link}{amount}", f"{subject}{link}{amount}"]
    return random.choice(forms)


def _of_change(fact: Fact, random: Random) -> str:
    amount, subject, link = _amount(fact, random), fact.subject, fact.link
    match = CHANGE.search(link)
    assert match is not None
    mark, real, verb = match["mark"], match["real"] or "", match["verb"]
    rises = verb in ("增长", "上升", "提高", "增加", "上涨", "提升", "上调")
    year_on_year = mark in ("同比", "比上年同期", "比去年同期", "较上年同期", "较去年同期")
    forms = [f"{subject}{mark}{real}{verb}{amount}", f"{subject}{mark}{real}{verb}了{amount}"]
    if unit_class(fact.unit) == "percent" and not real:
        noun = ("增速", "增幅") if rises else ("降幅",)
        forms += [
            f"{subject}{mark}{random.choice(noun)}{random.choice(('是多少', '多少', '', '为多少', '多大'))}"
        ]
        forms += [f"{subject}{mark}{'涨' if rises else '降'}了多少"]
    if year_on_year and rises:
        forms += [f"{subject}比去年同期{random.choice(('增加', '多', '高'))}了{amount}"]
    return random.choice(forms)


def _of_old(fact: Fact, random: Random) -> str:
    amount, subject, verb = _amount(fact, random), fact.subject, fact.link[:-1]
    if re.match(r"\d{4}", fact.when):
        return random.choice(
            (f"{fact.when}{subject}是{amount}", f"{subject}{fact.when}{amount}", f"{fact.when}的{subject}")
        )
    forms = (
        f"{subject}原来是{amount}",
        f"{subject}{verb}前是{amount}",
        f"{subject}之前{amount}",
        f"{subject}是从{amount}{fact.link}现在的",
    )
    return random.choice(forms)


def _of_new(fact: Fact, random: Random) -> str:
    amount, subject, verb = _amount(fact, random), fact.subject, fact.link
    if re.match(r"\d{4}", fact.when):
        return random.choice(
            (
                f"{fact.when}{subject}是{amount}",
                f"{fact.when}{subject}{verb}{amount}",
                f"{subject}{fact.when}{amount}",
            )
        )
    forms = (
        f"{subject}{verb}{amount}",
        f"{subject}{verb}了{amount}",
        f"{subject}现在是{amount}",
        f"{subject}{verb[:-1]}后是{amount}",
    )
    return random.choice(forms)
