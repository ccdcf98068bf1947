"""Newspaper PDFs → stories. May import: text."""
