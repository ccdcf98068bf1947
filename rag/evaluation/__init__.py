"""Question files → scores, report and gate. May import: text, ingest, models, index, query, retrieval, answering, pipeline, suggestions, bot, render."""
