"""The index on disk: SQLite is the truth, FAISS and tantivy are derived from it. May import: text, ingest."""
