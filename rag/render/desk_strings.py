"""What the editor's desk says, in Chinese and in English."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from rag.render.strings import Lang, words

__all__ = ["desk_words"]

_WORDS: dict[str, tuple[str, str]] = {
    "desk": ("编辑台", "Editor's desk"),
    "desk_lead": (
        "收录和撤下报道。撤下的都能恢复，不会删除。",
        "Add and withdraw articles. What is withdrawn can be restored; nothing is deleted.",
    ),
    "no_script": ("编辑台需要 JavaScript。", "The desk needs JavaScript."),
    "add": ("添加报道", "Add articles"),
    "drop_here": ("把文件拖到这里，或选择文件", "Drop files here, or choose some"),
    "kinds": ("可以是 {kinds}，每个不超过 {most} MB", "{kinds}, up to {most} MB each"),
    "paste": ("粘贴文字", "Paste text"),
    "paste_hint": ("第一行作为标题，下面是正文", "The headline in the first line, the text below"),
    "paste_do": ("放入待收录", "Put with the files"),
    "drafts": ("待收录", "To be accepted"),
    "drafts_none": ("没有等待收录的文件。", "No file waits."),
    "accept_all": ("全部收录（{n}）", "Accept all ({n})"),
    "looking": ("正在读取……", "Being read …"),
    "holds_n": ("{n} 篇报道", "{n} articles"),
    "holds_1": ("1 篇报道，正文 {characters} 字", "1 article of {characters} characters"),
    "holds_0": ("没有可以收录的报道", "No article that can be taken in"),
    "encoded": ("编码 {encoding}（{sure}）", "encoding {encoding} ({sure})"),
    "odd": ("可疑字符：{marks}", "suspicious characters: {marks}"),
    "odd_private": ("私用区", "private use"),
    "odd_replacement": ("替换符 �", "replacement (�)"),
    "odd_radical": ("部首", "radicals"),
    "odd_control": ("控制符", "controls"),
    "odd_invisible": ("不可见字符", "invisible"),
    "held": (
        "库中已有这篇报道，收录只会多一个出处。",
        "The library has this article: it gets one source more.",
    ),
    "removed": ("这篇报道曾被撤下，收录会恢复它。", "This article was withdrawn: accepting it restores it."),
    "several": (
        "一个文件里有多篇报道，标题、日期和来源按文件里写的收录。",
        "A file of several articles: their titles, dates and publishers are those in the file.",
    ),
    "and_more": ("……共 {n} 篇", "… {n} in all"),
    "not_read": ("没有读入：", "Not read:"),
    "field_title": ("标题", "Title"),
    "field_published": ("日期", "Date"),
    "field_publisher": ("来源", "Publisher"),
    "field_author": ("作者", "Author"),
    "field_hint": ("留空则按文件里找到的", "Left empty, what the file says holds"),
    "found_as": ("按“{rule}”读出", "found by {rule}"),
    "accept": ("收录", "Accept"),
    "discard": ("丢弃", "Discard"),
    "begins": ("正文开头", "Beginning of the text"),
    "jobs": ("进行情况", "Progress"),
    "job_add": ("收录", "Accepting"),
    "job_withdraw": ("撤下", "Withdrawing"),
    "job_restore": ("恢复", "Restoring"),
    "state_waiting": ("等待中", "waiting"),
    "state_locked": (
        "另一个进程正在更新索引，等它结束",
        "another process is writing to the index: waiting for it",
    ),
    "state_working": ("进行中", "in progress"),
    "state_done": ("完成", "done"),
    "state_failed": ("没有完成：", "failed: "),
    "stage_reading": ("读取文件", "reading files"),
    "stage_embedding": ("计算向量", "embedding passages"),
    "stage_indexing": ("写入索引", "writing the index"),
    "undo": ("撤销", "Undo"),
    "added": ("最近添加", "Added lately"),
    "added_none": ("还没有在这里添加过报道。", "Nothing was added here yet."),
    "withdraw": ("撤下", "Withdraw"),
    "withdraw_lead": (
        "其他文件夹里的报道只从库中撤下，源文件不动。",
        "Articles of other folders are taken out of the library; their files stay as they are.",
    ),
    "withdraw_find": ("查找要撤下的报道（标题）", "Find an article to withdraw (title)"),
    "withdrawn": ("已撤下", "Withdrawn"),
    "withdrawn_none": ("没有撤下的报道。", "Nothing is withdrawn."),
    "with_file": ("文件已移出", "file moved away"),
    "without_file": ("源文件未动", "file untouched"),
    "restore": ("恢复", "Restore"),
    "by": ("{by}，{at}", "{by}, {at}"),
    "not_writable": (
        "{name}（{setting}）不能写入：现在不能添加或撤下，请告诉管理员。",
        "{name} ({setting}) cannot be written: nothing can be added or withdrawn now.",
    ),
    "folder_added": ("存放报道的文件夹", "The folder of added articles"),
    "folder_state": ("状态文件夹", "The state folder"),
    "folder_index": ("索引文件夹", "The folder of the index"),
    "too_large": ("“{name}”超过 {most} MB，没有上传。", "“{name}” has more than {most} MB and was not sent."),
    "sending": ("正在上传“{name}”……", "Sending “{name}” …"),
    "sent": ("“{name}”已上传。", "“{name}” has arrived."),
    "unreachable": ("连不上服务，请重试。", "The server cannot be reached: try again."),
    "began": ("已开始，见“进行情况”。", "Begun: see Progress."),
    "dropped": ("已丢弃。", "Discarded."),
}


@cache
def desk_words(lang: Lang) -> Mapping[str, str]:
    """Return the wording of the desk, and that of all pages, in one language by its name."""
    at = 0 if lang == "zh" else 1
    return MappingProxyType({**words(lang), **{name: pair[at] for name, pair in _WORDS.items()}})
