"""Question → passages, by both legs of the index, fused. May import: text, index, query."""
