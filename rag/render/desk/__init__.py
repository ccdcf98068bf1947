"""The editor's desk and its inbox as HTML. May import: editing, index, ingest."""
