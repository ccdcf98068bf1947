"""What the report calls things: Chinese names of metrics, stages, reasons and conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CERTAINTIES",
    "COLUMNS",
    "GRADES",
    "HEADLINES",
    "LOST",
    "META",
    "OF",
    "STAGES",
    "Metric",
    "lost_label",
    "metric",
    "reason_label",
    "shown",
]


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is shown: its name, what it means and how its number is written."""

    label: str
    meaning: str = ""
    form: Literal["percent", "number", "characters", "ms"] = "number"


METRICS: Mapping[str, Metric] = {
    "hit@1": Metric("命中@1", "所需的报道排在第一", "percent"),
    "hit@5": Metric("命中@5", "所需的报道排在前五", "percent"),
    "hit@10": Metric("命中@10", "所需的报道排在前十", "percent"),
    "mrr": Metric("MRR", "所需报道名次的倒数，平均；越高越好"),
    "ndcg@10": Metric("nDCG@10", "前十名的排序质量；越高越好"),
    "em": Metric("完全一致", "去掉标点和空格后与答案完全一致", "percent"),
    "f1": Metric("字符F1", "与答案最长公共子串的F1，按CMRC2018", "percent"),
    "reader_em": Metric("阅读：完全一致", "只看阅读模型标出的答案，不论是否拒答", "percent"),
    "reader_f1": Metric("阅读：字符F1", "只看阅读模型标出的答案，不论是否拒答", "percent"),
    "numeral_accuracy": Metric("数值一致", "数字换算之后相同：8万即80000", "percent"),
    "contains": Metric("含有答案", "所答之中含有答案", "percent"),
    "right": Metric("答对", "所答的短语是对的；失分、风险和校准都按它计算", "percent"),
    "answer_in_quote": Metric(
        "引文含答案", "前两条引文（各不超过160字）含有答案；答对的题，引自别的报道也算", "percent"
    ),
    "citation_precision": Metric("引文准确率", "引文之中出自所需报道的，或在别处支持正确答案的", "percent"),
    "citation_recall": Metric("引文召回率", "应引的之中引到的", "percent"),
    "qualifiers": Metric("限定语完整", "日期、范围等限定语都在引文之中", "percent"),
    "quote_chars": Metric("引文长度", "一条引文连同上下文的字数", "characters"),
    "answered_rate": Metric("作答率", "作了答的题，含“可能”的", "percent"),
    "sure_rate": Metric("肯定作答率", "作了肯定回答的题", "percent"),
    "risk": Metric("风险", "作了答的题之中答错的，含“可能”的；越低越好", "percent"),
    "risk_sure": Metric("风险（肯定）", "作了肯定回答的题之中答错的；越低越好", "percent"),
    "false_sure_rate": Metric("肯定错答率", "库中没有答案却作了肯定回答；越低越好", "percent"),
    "right_answered": Metric("答了且对", "作了答的题之中答对的", "percent"),
    "answer_in_quote_answered": Metric("答了且引文含答案", "作了答的题之中引文含有答案的", "percent"),
    "em_answered": Metric("答了且完全一致", "只计作了答的题", "percent"),
    "f1_answered": Metric("字符F1（已答）", "只计作了答的题", "percent"),
    "false_answer_rate": Metric("错答率", "库中没有答案却作了答；越低越好", "percent"),
    "false_refusal_rate": Metric("误拒率", "库中有答案却没有作答；越低越好", "percent"),
    "right_refusal_rate": Metric("应拒已拒", "按拒答理由", "percent"),
    "aurc": Metric("风险曲线面积", "风险—覆盖曲线下的面积；越低越好"),
    "ece": Metric("校准误差", "把握与实际答对之差；越低越好"),
    "auroc": Metric("可答与否的区分", "凭把握分开可答与不可答的题，0.5为随机；越高越好"),
    "verified": Metric("引文已核对", "与来源文件逐字一致", "percent"),
    "latency_ms": Metric("用时（中位）", "一题从问到答", "ms"),
}
HEADLINES = (
    "right",
    "answer_in_quote",
    "f1",
    "hit@5",
    "false_refusal_rate",
    "false_answer_rate",
    "qualifiers",
    "verified",
)
GRADES = (
    "right_answered",
    "risk",
    "em_answered",
    "f1_answered",
    "answer_in_quote_answered",
    "citation_precision",
)
"""Of the table by certainty."""
CERTAINTIES: Mapping[str, str] = {"sure": "肯定", "likely": "可能", "sure+likely": "肯定与可能"}
COLUMNS = ("hit@5", "right", "em", "f1", "answer_in_quote", "false_refusal_rate", "false_answer_rate")
"""Of the table by type; one without a value anywhere is left out."""

OF: Mapping[str, str] = {
    "all": "全部题",
    "answerable": "可答的题",
    "answered": "已答的题",
    "sure": "肯定回答的题",
    "refused": "拒答的题",
    "unanswerable": "不可答的题",
    "citations": "引文",
}
LOST: Mapping[str, str] = {
    "in_no_passage": "切分：没有一段含有答案",
    "refused": "拒答",
    "both_legs_missed": "检索：两路都没有找到",
    "fused_out": "融合：排在阅读范围之外",
    "reader_chose_another": "阅读：选了别处",
    "ledger": "核对：答案没有引文支持",
    "quote_too_long": "引文：过长",
    "false_answer": "没有拒答",
    "crashed": "程序出错",
}
REASONS: Mapping[str, str] = {
    "no_evidence": "没有依据",
    "constraint_not_met": "条件不合",
    "not_quotable": "无法引用",
    "overview": "要点",
    "courtesy": "客套话",
    "empty": "库是空的",
}
META: Mapping[str, str] = {
    "asked": "题数",
    "date": "日期",
    "commit": "版本",
    "mode": "方式",
    "files": "题目文件",
    "partial": "只评了一部分",
    "drafts": "没人读过的草稿题",
    "k": "每题阅读段数",
    "limit": "抽样",
    "seed": "随机种子",
    "today": "“今天”",
    "seconds": "总用时（秒）",
    "questions_digest": "题目摘要",
    "articles_digest": "报道摘要",
    "index": "索引",
    "end-to-end": "全程",
    "reading": "只测阅读",
    "generation": "代",
    "articles": "报道",
    "passages": "段落",
    "embedder": "编码模型",
    "reader": "阅读模型",
}
STAGES: Mapping[str, str] = {
    "understand": "理解问题",
    "embed": "编码",
    "retrieve": "检索",
    "read": "阅读",
    "answer": "作答",
    "total": "合计",
}


def metric(name: str) -> Metric:
    """Return how the metric `name` is shown; of latency_ms/read the part after the slash is named too."""
    base, _, part = name.partition("/")
    found = METRICS.get(base, Metric(base))
    if not part:
        return found
    return Metric(f"{found.label} · {reason_label(STAGES.get(part, part))}", found.meaning, found.form)


def reason_label(reason: str) -> str:
    """Return the Chinese name of a reason to refuse."""
    return REASONS.get(reason, reason)


def lost_label(stage: str) -> str:
    """Return the Chinese name of the stage that lost a question."""
    name, _, reason = stage.partition(":")
    return f"拒答：{reason_label(reason)}" if name == "refused" else LOST.get(stage, stage)


def shown(name: str, value: float | None) -> str:
    """Return a number the way its metric is written: 0.125 as 12.5%, 0.873, 48字 or 112 ms."""
    if value is None:
        return "–"
    form = metric(name).form
    if form == "percent":
        return f"{value * 100:.1f}%"
    if form == "ms":
        return f"{value:.0f} ms"
    return f"{value:.0f}字" if form == "characters" else f"{value:.3f}"
