"""Which of the statements found still holds: what was corrected, denied or overtaken. May import: text, ingest, query."""
