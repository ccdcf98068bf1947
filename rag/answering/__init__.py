"""Passages → answer or refusal. May import: text, ingest, query."""
