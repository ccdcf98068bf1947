"""Word files → words, as Word shows them with all changes accepted. May import: text."""
