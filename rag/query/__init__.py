"""Understanding a question. May import: text, index."""
