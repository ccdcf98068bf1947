"""Answers that stand in tables. May import: text, query."""
