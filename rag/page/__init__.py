"""The page for staff: Gradio's chat on top of `rag.serve`."""

from rag.page.launch import run
from rag.page.mount import mount_page

__all__ = ["mount_page", "run"]
