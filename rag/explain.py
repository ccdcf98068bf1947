"""Show how an answer came about: what was understood, what each hit and each possible answer was weighed by."""

from collections.abc import Mapping, Sequence
from typing import Any

from rag.answering.ranking import Choice, weights
from rag.pipeline import Run, Trial
from rag.query.analysis import Query
from rag.records import Hit
from rag.retrieval.retriever import Found, contributions

__all__ = ["explain"]

# Possible answers that are shown: five a passage, and five passages are read.
SHOWN = 10
DIGITS = 4


def explain(run: Run) -> Mapping[str, Any]:
    """Return the explanation as JSON: `question`, `hits` and `choices`, both best first, `least` and `decided_by`.

    A feature has its value, its weight and their product, what it adds. `least` is the confidence an answer needs;
    `decided_by` is what speaks for the first choice against the second (feature → difference of what they add, largest
    first). `readings` are those of a follow-up that were compared, the likeliest first; the key is absent where there was one.
    """
    legs = run.search.ranking.legs
    order = {hit.passage_id: rank for rank, hit in enumerate(run.hits, 1)}
    return {
        "question": _question(run.query),
        "hits": [_hit(rank, hit, legs) for rank, hit in enumerate(run.hits, 1)],
        "choices": [_choice(choice, order, run.needed.likely) for choice in run.choices[:SHOWN]],
        "least": run.needed.likely,
        "decided_by": _decided(run.choices),
        **({"readings": [_reading(trial, run) for trial in run.tried]} if run.tried else {}),
    }


def _reading(trial: Trial, run: Run) -> Mapping[str, Any]:
    """Return a reading of a follow-up with what spoke for it (in logits) and the certainty of its best answer."""
    return {
        "text": trial.search.query.text,
        "prior": _short(trial.search.reading.prior),
        "answer": trial.choices[0].candidate.text if trial.choices else "",
        "certainty": _short(trial.certainty),
        "score": _short(trial.score),
        "chosen": trial.search.query is run.query,
    }


def _question(query: Query) -> Mapping[str, Any]:
    period = query.period
    return {
        "text": query.text,
        "type": query.type.value,
        "asked": "" if query.asked is None else query.text[query.asked.start : query.asked.end],
        "unit": query.unit,
        "unit_class": query.unit_class,
        "period": "" if period is None else query.text[period.start : period.end],
        "terms": [{"term": term, "weight": _short(weight)} for term, weight in query.weights.items()],
        "demands": [{"kind": demand.kind, "text": demand.text} for demand in query.constraints],
        "forms": [
            {"asked": form.asked, "said": form.said, "articles": list(form.articles)} for form in query.forms
        ],
    }


def _hit(rank: int, hit: Hit, legs: Mapping[str, Found]) -> Mapping[str, Any]:
    passage = hit.passage
    return {
        "rank": rank,
        "passage_id": hit.passage_id,
        "article_id": passage.article.id,
        "title": passage.article.title,
        "start": passage.start,
        "end": passage.end,
        "score": _short(hit.score),
        "features": _added(hit.features, contributions(hit.features)),
        "legs": {name: _place(hit.passage_id, found) for name, found in legs.items()},
    }


def _place(passage_id: int, found: Found) -> Mapping[str, Any] | None:
    """Return rank and score of a passage in one leg, None where the leg has not found it."""
    return next(
        (
            {"rank": rank, "score": _short(s)}
            for rank, (number, s) in enumerate(found, 1)
            if number == passage_id
        ),
        None,
    )


def _choice(choice: Choice, order: Mapping[int, int], needed: float) -> Mapping[str, Any]:
    candidate = choice.candidate
    reasons = ["unmet"] * bool(choice.vetoed) + ["confidence"] * (choice.confidence < needed)
    return {
        "text": candidate.text,
        "hit": order[candidate.hit.passage_id],
        "start": candidate.span.start,
        "end": candidate.span.end,
        "margin": _short(candidate.margin),
        "fits": candidate.fits,
        "score": _short(choice.score),
        "confidence": _short(choice.confidence),
        "features": _added(choice.features, _score_added(choice)),
        "missing": list(choice.evidence.missing),
        "unmet": [{"kind": one.kind, "asked": one.asked, "found": one.found} for one in choice.unmet],
        "refused_for": reasons,
    }


def _score_added(choice: Choice) -> Mapping[str, float]:
    return {name: weight * choice.features[name] for name, weight in weights()["score"].items()}


def _added(features: Mapping[str, float], added: Mapping[str, float]) -> Mapping[str, Any]:
    """Return each feature's value with its weight and what it adds; one that has no weight adds nothing."""
    return {
        name: {
            "value": _short(value),
            "weight": _short(added.get(name, 0.0) / value if value else 0.0),
            "adds": _short(added.get(name, 0.0)),
        }
        for name, value in features.items()
    }


def _decided(choices: Sequence[Choice]) -> Mapping[str, float]:
    if len(choices) < 2:
        return {}
    first, second = _score_added(choices[0]), _score_added(choices[1])
    differences = {name: _short(first[name] - second[name]) for name in first}
    return dict(sorted(((n, d) for n, d in differences.items() if d), key=lambda pair: -abs(pair[1])))


def _short(number: float) -> float:
    return round(float(number), DIGITS)
