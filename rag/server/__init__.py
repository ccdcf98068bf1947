"""HTTP: the application, its routes and what guards them. May import: ingest, index, query, tracing, bot, verify, render."""
