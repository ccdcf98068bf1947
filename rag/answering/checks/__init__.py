"""Single checks of what a text says beside what is asked. May import: text, query, answering."""
