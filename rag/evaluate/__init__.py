"""Turn question files into scores: read, ask, score, sum up, compare, hold to floors.

In order: formats, questions · match, ranking · rows, gold, scores, lost · run, corpus · bootstrap, calibration,
metrics, summary · gate, compare, table · command. The HTML report has modules of its own.
"""

__all__: list[str] = []
