"""Words that make what is said an aim or a forecast, no fact; each constant is the inside of a regular expression."""

__all__ = ["AIM", "FORECAST", "OUTLOOK"]

AIM = "力争|计划|目标|有望|规划|争取|预期"
FORECAST = "预计|预测|料将|估计"
OUTLOOK = f"{AIM}|{FORECAST}"
