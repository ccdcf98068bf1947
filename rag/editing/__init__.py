"""Adding and withdrawing articles: by hand (stage, look, accept; withdraw, restore), and pushed by programs. May import: text, ingest, index."""
