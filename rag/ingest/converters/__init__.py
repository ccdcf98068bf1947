"""Files → extracts, one file format a module. May import: text."""
