"""Scores → a page, tables, plots and comparisons. May import: text, render."""
