"""Adding and withdrawing articles by hand: stage, look, accept; withdraw, restore. May import: text, ingest, index."""
