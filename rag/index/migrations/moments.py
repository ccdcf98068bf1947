"""Moments: each transaction that changes what copies hold leaves a random id behind.

Numbers tell nothing of a database that was put back from an older dump, or that lost its last commits: it gives them a
second time, to other rows. An id it never gives again, so a copy whose moment it does not know is no copy of its past.
"""

from alembic import op

from rag.index.migrations.first_tables import COPIED

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"

MOMENTS = """
CREATE TABLE moments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), revision bigint NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX moments_revision ON moments (revision);
CREATE FUNCTION mark_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('youju.marked', TRUE), '') = '' THEN
        INSERT INTO moments (revision) VALUES (nextval('revisions'));
        PERFORM set_config('youju.marked', 'yes', TRUE);
    END IF;
    RETURN NULL;
END $$;
INSERT INTO moments (revision) VALUES (nextval('revisions'));
UPDATE meta SET value = (SELECT id::text FROM moments) WHERE name = 'published';
"""


def upgrade() -> None:
    """Make the table, and whatever writes to it."""
    op.execute(MOMENTS)
    for name in COPIED:
        op.execute(
            f"CREATE TRIGGER mark BEFORE INSERT OR UPDATE OR DELETE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mark_moment()"
        )
