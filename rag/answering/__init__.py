"""Passages → answer or refusal. May import: text, query."""
