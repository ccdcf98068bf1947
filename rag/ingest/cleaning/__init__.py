"""Raw newspaper text → paragraphs, headline, captions and credits. May import: text."""
