"""The editor's desk over HTTP: thin handlers over `rag.editing`, and what editors look through. May import: index, editing, render."""
