"""An index → drafts of questions, for a person to read. May import: text, index, retrieval, suggestions."""
