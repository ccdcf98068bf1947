"""The editor's desk over HTTP: thin handlers over `rag.editing`. May import: index, editing, render."""
