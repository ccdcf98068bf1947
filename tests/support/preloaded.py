"""What a process that is killed again and again has loaded beforehand: the modules and the dictionary."""

import rag.index.build.builder
import rag.index.store
import tests.support.fakes
from rag.text.words import words

__all__ = ["rag", "tests", "words"]

words("预热")
