"""Question files → scores, report and gate. May import: text, ingest, models, index, query, answering, pipeline, bot, render."""
