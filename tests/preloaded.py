"""What a process that is killed again and again has loaded beforehand: the modules and the dictionary."""

import rag.build
import rag.store
import tests.fakes
from rag.text import words

__all__ = ["rag", "tests", "words"]

words("预热")
