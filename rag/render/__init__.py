"""Records → HTML, text and Markdown; nothing of HTTP. May import: index, text, tracing."""
