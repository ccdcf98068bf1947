"""Demands that a number or a word of the evidence meets or not. May import: text, query, answering."""
