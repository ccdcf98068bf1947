"""Records → HTML, text and Markdown; nothing of HTTP. May import: text, index, retrieval, tracing."""
