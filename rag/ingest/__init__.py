"""Files → articles. May import: text."""
