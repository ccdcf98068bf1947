"""An index that several machines share: PostgreSQL is the truth, each machine reads a copy. May import: text, ingest."""
