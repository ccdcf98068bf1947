"""The page that people see, Gradio's chat. May import: index, query, retrieval, answering, verify, render."""

import os

# The libraries call their makers unless told not to, and read this when they are imported.
os.environ.update(
    GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1"
)

__all__: list[str] = []
