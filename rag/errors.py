"""Every error raised on purpose.

RagError                   anything a user can cause; one sentence: what, the value, how to fix
├── SettingError           a RAG_* variable cannot be read
├── IngestError            a file or folder cannot become articles
│   └── FileTooHard        reading it costs more work than a file may
├── ModelError             a model file is missing, damaged or not usable
├── StoreError             the index cannot be used
│   ├── IndexEmpty         nothing has been built yet
│   ├── IndexLocked        another process is writing
│   ├── DatabaseAway       the database that servers share does not answer
│   ├── IndexMismatch      the index was made with another embedder or newer rules
│   ├── ArticleUnknown     no article has this id
│   └── ArticleGone        the article was removed, or its file is no longer there
├── AccessError            the file of keys cannot be used, or no key has this name
├── EvalError              a question file, floors or an earlier run cannot be used for an evaluation
├── EditError              an article cannot be added, withdrawn or restored
├── AskError               a question that cannot be asked (empty, too long, a bad date)
├── OverBudget             a question that costs more work than one may
└── ServeError             a request over HTTP that cannot be served
    ├── BadJson            its body is no JSON object
    ├── Unsupported        it asks for what is not made here
    ├── TooLarge           its body is too long
    ├── TooSlow            its body does not arrive
    ├── Busy               more questions are waiting than the queue holds
    ├── TooOften           a visitor has left more today than one may
    ├── Conflict           something of this id is another visitor's
    ├── ClientLeft         whoever asked has closed the connection
    ├── Internal           the program itself has failed
    └── NotReady           the server is starting or stopping
"""

__all__ = [
    "AccessError",
    "ArticleGone",
    "ArticleUnknown",
    "AskError",
    "BadJson",
    "Busy",
    "ClientLeft",
    "Conflict",
    "DatabaseAway",
    "EditError",
    "EvalError",
    "FileTooHard",
    "IndexEmpty",
    "IndexLocked",
    "IndexMismatch",
    "IngestError",
    "Internal",
    "ModelError",
    "NotReady",
    "OverBudget",
    "RagError",
    "ServeError",
    "SettingError",
    "StoreError",
    "TooLarge",
    "TooOften",
    "TooSlow",
    "Unsupported",
]


class RagError(Exception):
    """Anything a user can cause; `code` is stable, `str()` is one English sentence.

    `message` is what a reader of the page sees, in Chinese; where none is given it is `spoken`, the kind's own: the
    sentence may name files of the server. `field` is that of the request that is at fault, where it is one.
    """

    code = "error"
    spoken = "出错了，请稍后再试。"

    def __init__(self, sentence: str, message: str = "", *, field: str = "") -> None:
        super().__init__(sentence)
        self.message = message or self.spoken
        self.field = field


class SettingError(RagError):
    """Raised when a setting cannot be read."""

    code = "bad_setting"


class IngestError(RagError):
    """Raised when a file cannot become articles."""

    code = "ingest"
    spoken = "文件无法读取，请告诉管理员。"


class FileTooHard(IngestError):
    """Raised when reading a file costs more work than one may."""

    code = "file_too_hard"


class ModelError(RagError):
    """Raised when a model is missing, damaged or not usable."""

    code = "model"
    spoken = "模型无法使用，请告诉管理员。"


class StoreError(RagError):
    """Raised when the index cannot be used."""

    code = "store"
    spoken = "索引正在更新或暂时不可用，请稍后再试。"


class IndexEmpty(StoreError):
    """Raised when the index holds no article."""

    code = "empty"


class IndexLocked(StoreError):
    """Raised when another process is writing to the index."""

    code = "locked"


class DatabaseAway(StoreError):
    """Raised when the database that servers share does not answer: what was read before can be asked, nothing written."""

    code = "database_away"
    spoken = "数据库暂时连接不上：可以继续提问，暂时不能保存或修改，请稍后再试。"


class IndexMismatch(StoreError):
    """Raised when the index was made with another embedder than the one in use."""

    code = "mismatch"


class ArticleUnknown(StoreError):
    """Raised when no article has this id."""

    code = "not_found"


class ArticleGone(StoreError):
    """Raised when an article was taken out of the index."""

    code = "gone"


class AccessError(RagError):
    """Raised when the file of keys cannot be used, or no key has the name."""

    code = "access"
    spoken = "密钥或登录状态无法读取，请告诉管理员。"


class EvalError(RagError):
    """Raised when a question file, floors or an earlier run cannot be used."""

    code = "eval"


class EditError(RagError):
    """Raised when an article cannot be added, withdrawn or restored."""

    code = "edit"


class AskError(RagError):
    """Raised when a question cannot be asked."""

    code = "bad_field"
    spoken = "这个问题无法提问，请检查后再试。"


class OverBudget(RagError):
    """Raised when a question costs more work than one may."""

    code = "over_budget"


class ServeError(RagError):
    """Raised when a request over HTTP cannot be served."""

    code = "serve"


class BadJson(ServeError):
    """Raised when the body of a request is no JSON object."""

    code = "bad_json"


class Unsupported(ServeError):
    """Raised when a request asks for what is not made here, and would be misled without it."""

    code = "unsupported"


class TooLarge(ServeError):
    """Raised when the body of a request is longer than the server reads."""

    code = "too_large"


class TooSlow(ServeError):
    """Raised when the body of a request does not arrive in time."""

    code = "too_slow"


class Busy(ServeError):
    """Raised when more questions are waiting than the queue holds."""

    code = "busy"


class TooOften(ServeError):
    """Raised when a visitor has left more in a day than one may."""

    code = "too_often"


class Conflict(ServeError):
    """Raised when something of an id is another visitor's to change."""

    code = "conflict"


class ClientLeft(ServeError):
    """Raised inside a piece of work that nobody waits for any more."""

    code = "client_left"


class Internal(ServeError):
    """Raised in place of a fault of our own, where a reply has begun and must be ended."""

    code = "internal"


class NotReady(ServeError):
    """Raised when the server is starting or stopping."""

    code = "not_ready"
