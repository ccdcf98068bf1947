"""The tables of a shared index, one step after the other, as Alembic takes them. May import: text."""
