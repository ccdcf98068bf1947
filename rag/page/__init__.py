"""The page for staff: Gradio's chat on top of `rag.serve`."""

import os

# The libraries call their makers unless told not to, and read this when they are imported.
os.environ.update(
    GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1"
)

__all__: list[str] = []
