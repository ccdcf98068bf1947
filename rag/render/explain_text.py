"""An explanation as tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.render.escape import visible

__all__ = ["explain_text"]

LONGEST = 24
LEGS = {"lexical": "词", "dense": "义"}


def explain_text(explained: Mapping[str, Any]) -> str:
    """Return the explanation in Chinese: question, hits with what each feature adds, possible answers, the decision."""
    return "\n".join(
        [
            *_question(explained["question"]),
            *_readings(explained.get("readings", ())),
            *_hits(explained["hits"]),
            *_choices(explained),
        ]
    )


def _question(question: Mapping[str, Any]) -> Iterator[str]:
    yield f"理解：{visible(question['text'])}"
    facts = ("type", "asked", "unit", "unit_class", "period")
    yield "  " + "  ".join(f"{name}={visible(question[name])}" for name in facts if question[name])
    yield "  词：" + "  ".join(f"{visible(one['term'])} {one['weight']:.1f}" for one in question["terms"])
    if question["demands"]:
        yield "  须有：" + "  ".join(f"{one['kind']} {visible(one['text'])}" for one in question["demands"])
    if question["forms"]:
        yield "  另写：" + "  ".join(
            f"{visible(one['asked'])}={visible(one['said'])}" for one in question["forms"]
        )


def _readings(readings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if readings:
        yield ""
        yield "试过的读法"
    for one in readings:
        mark = "→" if one["chosen"] else " "
        yield f"  {mark} {visible(one['text'])}  把握{one['certainty']:.2f}  得分{one['score']:+.2f}  {_cut(one['answer'])}"


def _hits(hits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield ""
    yield "段落（各项为特征×权重）"
    for hit in hits:
        legs = " ".join(
            f"{LEGS.get(name, name)}#{one['rank'] if one else '—'}" for name, one in hit["legs"].items()
        )
        yield f"  {hit['rank']}. {hit['score']:.3f}  {legs}  {_cut(hit['title'])} [{hit['start']}:{hit['end']}]"
        yield f"     {_added(hit['features'])}"


def _choices(explained: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"答案候选（把握须达 {explained['least']:.2f}）"
    for number, one in enumerate(explained["choices"], 1):
        head = f"  {number}. {_cut(one['text'])}  段落{one['hit']}  阅读{one['margin']:+.1f}  得分{one['score']:.2f}"
        yield f"{head}  把握{one['confidence']:.2f}{_lacks(one)}"
        yield f"     {_added(one['features'])}"
    if explained["decided_by"]:
        yield "  第一与第二之差：" + "  ".join(f"{n} {d:+.2f}" for n, d in explained["decided_by"].items())


def _lacks(choice: Mapping[str, Any]) -> str:
    """Say what a possible answer does not meet."""
    said = [
        f"{one['kind']} {one['asked']}" + (f"（有{one['found']}）" if one["found"] else "")
        for one in choice["unmet"]
    ]
    unmet = f"  不符：{visible('、'.join(said))}" if said else ""
    return unmet + (f"  缺：{visible('、'.join(choice['missing'][:5]))}" if choice["missing"] else "")


def _added(features: Mapping[str, Mapping[str, float]]) -> str:
    kept = {name: one for name, one in features.items() if one["adds"]}
    return "  ".join(
        f"{name} {one['value']:.2f}×{one['weight']:g}={one['adds']:+.2f}" for name, one in kept.items()
    )


def _cut(text: str) -> str:
    plain = visible(" ".join(text.split()))
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"
