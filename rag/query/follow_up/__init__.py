"""A question that leans on the conversation → one that stands alone. May import: text."""
