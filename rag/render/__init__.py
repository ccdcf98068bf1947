"""Records → HTML, text and Markdown; nothing of HTTP. May import: text, ingest, index, editing, retrieval, tracing."""
