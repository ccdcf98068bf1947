"""HTTP: the application, its routes and what guards them. May import: text, ingest, index, editing, query, retrieval, answering, tracing, bot, verify, render."""
