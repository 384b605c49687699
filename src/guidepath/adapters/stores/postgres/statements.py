"""Every statement of the PostgreSQL store, for the schema that its tables are in."""

from typing import NamedTuple

CONFLICT = "guidepath: decided on what has changed meanwhile"  # what a SAVE undoes itself with

_LOAD = """
SELECT 0, user_id, NULL::text, version, progress FROM {schema}.subject
WHERE account_id = %s AND user_id = ANY(%s::text[])
"""

_LOOK_UP = (
    _LOAD
    + """
UNION ALL
SELECT 1, id, digest, 0, NULL FROM {schema}.history
WHERE account_id = %s AND id = ANY(%s::text[])
UNION ALL
SELECT 2, NULL, NULL, at, mark FROM {schema}.erased WHERE mark = ANY(%s::bytea[])
"""
)

_VERSIONS = """
SELECT user_id, version FROM {schema}.subject
WHERE account_id = %s AND user_id = ANY(%s::text[])
"""

_LOCK = """
SELECT 1 FROM {schema}.subject WHERE account_id = %s AND user_id = ANY(%s::text[])
ORDER BY user_id FOR NO KEY UPDATE
"""

# All or nothing in one round trip. Each part is done only where the one before was done in full:
# where nothing was written the answer is no, and where something was, the cast at the end fails on
# purpose and takes it back. Rows are locked in the order of their users, so that two saves wait
# for each other in one direction only; what was only read comes first, since that is an account.
_SAVE = """
WITH given AS (
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[])
        AS given (user_id, version, next, due, progress)
), held AS (
    SELECT 1 FROM {schema}.subject AS kept, given
    WHERE given.progress IS NULL AND kept.account_id = %s AND kept.user_id = given.user_id
        AND kept.version = given.version
    FOR SHARE OF kept
), changed AS (
    UPDATE {schema}.subject AS kept SET version = given.next, due = given.due,
        progress = given.progress
    FROM given
    WHERE kept.account_id = %s AND kept.user_id = ANY(%s::text[])
        AND kept.user_id = given.user_id AND kept.version = given.version
        AND given.progress IS NOT NULL
        AND (SELECT count(*) FROM held) = (SELECT count(*) FROM given WHERE progress IS NULL)
    RETURNING 1
), made AS (
    INSERT INTO {schema}.subject (account_id, user_id, version, due, progress)
    SELECT %s, user_id, next, due, progress FROM given
    WHERE version = 0
        AND (SELECT count(*) FROM held) + (SELECT count(*) FROM changed)
            = (SELECT count(*) FROM given WHERE version <> 0)
    ON CONFLICT DO NOTHING RETURNING 1
), drafted AS (
    SELECT (SELECT count(*) FROM held) + (SELECT count(*) FROM changed)
        + (SELECT count(*) FROM made) AS written
), stored AS (
    INSERT INTO {schema}.history (account_id, id, user_id, kind, occurred_at, digest, event)
    SELECT %s, said.* FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::bytea[]
    ) AS said
    WHERE (SELECT written FROM drafted) = (SELECT count(*) FROM given)
    ON CONFLICT DO NOTHING RETURNING 1
), done AS (
    SELECT (SELECT written FROM drafted) + (SELECT count(*) FROM stored) AS written
), posted AS (
    INSERT INTO {schema}.outbox (account_id, said_at, id, user_id, envelope)
    SELECT %s, %s::bigint, said.* FROM unnest(%s::text[], %s::text[], %s::bytea[]) AS said
    WHERE (SELECT written FROM done) = %s::bigint
)
SELECT CASE written WHEN %s::bigint THEN 'true' WHEN 0 THEN 'false' ELSE '{conflict}' END::boolean
FROM done
"""

_HISTORY = """
SELECT event, seq FROM {schema}.history WHERE account_id = %s AND occurred_at <= %s::bigint
ORDER BY occurred_at, seq
"""

_HISTORY_OF_USER = """
SELECT event, seq FROM {schema}.history
WHERE account_id = %s AND user_id = %s AND occurred_at <= %s::bigint
ORDER BY occurred_at, seq
"""

_SUBJECTS = """
SELECT account_id, user_id, progress FROM {schema}.subject
WHERE (account_id, user_id) > (%s, %s) ORDER BY account_id, user_id LIMIT %s
"""

# The few that are due are looked for first; else a page might read all subjects to find them.
_DUE = """
WITH waiting AS MATERIALIZED (
    SELECT account_id, user_id, progress FROM {schema}.subject WHERE due <= %s
)
SELECT account_id, user_id, progress FROM waiting
WHERE (account_id, user_id) > (%s, %s) ORDER BY account_id, user_id LIMIT %s
"""

_PRUNE = """
WITH gone AS (
    DELETE FROM {schema}.history
    WHERE account_id = %s AND user_id = ANY(%s::text[]) AND occurred_at <= %s::bigint
    RETURNING kind, occurred_at
), said AS (
    SELECT count(*) AS messages, max(occurred_at) AS newest FROM gone WHERE kind <> 'feedback'
), counted AS (
    UPDATE {schema}.pruned AS kept SET messages = kept.messages + said.messages,
        newest = greatest(kept.newest, said.newest)
    FROM said WHERE kept.number = 0 AND said.messages > 0
)
SELECT count(*) FROM gone
"""

_TOTALS = """
SELECT there.messages + pruned.messages, greatest(there.newest, pruned.newest)
FROM {schema}.pruned CROSS JOIN (
    SELECT count(*) AS messages, max(occurred_at) AS newest FROM {schema}.history
    WHERE kind <> 'feedback'
) AS there
WHERE number = 0
"""

# The cheap look of an idle relay: it takes no lock.
_WAITING = """
SELECT coalesce(free_at, 0),
    EXISTS (SELECT FROM {schema}.outbox WHERE ticket > coalesce(reached, 0)),
    EXISTS (SELECT FROM {schema}.outbox WHERE ticket IS NULL)
FROM (SELECT %s::text AS sink) AS asked LEFT JOIN {schema}.cursor USING (sink)
"""

_LAST_TICKET = "SELECT ticket FROM {schema}.lane WHERE number = 0 FOR NO KEY UPDATE"

# What was committed and has no ticket gets the next ones, in the order of its positions.
_GIVE_TICKETS = """
WITH waiting AS (
    SELECT position FROM {schema}.outbox WHERE ticket IS NULL ORDER BY position LIMIT %s
), numbered AS (
    SELECT position, %s::bigint + row_number() OVER (ORDER BY position) AS ticket FROM waiting
), given AS (
    UPDATE {schema}.outbox AS kept SET ticket = numbered.ticket FROM numbered
    WHERE kept.position = numbered.position
    RETURNING kept.ticket
)
UPDATE {schema}.lane SET ticket = greatest(ticket, (SELECT max(ticket) FROM given))
WHERE number = 0
"""

_OPEN_CURSOR = """
INSERT INTO {schema}.cursor (sink, reached, free_at, failures) VALUES (%s, 0, 0, 0)
ON CONFLICT DO NOTHING
"""

_CURSOR = """
SELECT reached, free_at, failures FROM {schema}.cursor WHERE sink = %s FOR NO KEY UPDATE
"""

_NEXT = """
SELECT ticket, envelope FROM {schema}.outbox WHERE ticket > %s ORDER BY ticket LIMIT %s
"""

_LEASE = "UPDATE {schema}.cursor SET free_at = %s, lease = %s WHERE sink = %s"

_SETTLE = """
UPDATE {schema}.cursor SET lease = '', reached = coalesce(%s::bigint, reached), free_at = %s,
    failures = CASE %s::text WHEN 'well' THEN 0 WHEN 'some' THEN 1 ELSE failures + 1 END,
    reason = %s
WHERE sink = %s AND lease = %s RETURNING 1
"""

# Locked, so that who erases the envelope meanwhile waits, and takes the dead letter along.
_DIE = """
INSERT INTO {schema}.dead (sink, id, account_id, user_id, envelope, reason, failed_at)
SELECT %s, kept.id, account_id, user_id, envelope, said.reason, %s::bigint
FROM {schema}.outbox AS kept
JOIN unnest(%s::bigint[], %s::text[]) AS said (ticket, reason) USING (ticket)
ORDER BY ticket FOR SHARE OF kept
ON CONFLICT DO NOTHING
"""

_QUEUES = """
SELECT sink, waiting.count, waiting.oldest, coalesce(failures, 0), free_at, reason,
    (SELECT count(*) FROM {schema}.dead WHERE dead.sink = asked.sink)
FROM (SELECT unnest(%s::text[]) AS sink UNION SELECT sink FROM {schema}.cursor) AS asked
LEFT JOIN {schema}.cursor USING (sink)
CROSS JOIN LATERAL (
    SELECT count(*), min(said_at) AS oldest FROM (
        SELECT said_at FROM {schema}.outbox WHERE ticket > coalesce(reached, 0)
        UNION ALL
        SELECT said_at FROM {schema}.outbox WHERE ticket IS NULL
    ) AS behind
) AS waiting
ORDER BY sink COLLATE "C"
"""

_DEAD = """
SELECT sink, envelope, reason, failed_at FROM {schema}.dead
WHERE %s::text IS NULL OR sink = %s ORDER BY failed_at, number LIMIT %s
"""

_BURY = """
DELETE FROM {schema}.dead WHERE (sink, id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""

_SAID = """
SELECT id, envelope FROM {schema}.outbox
WHERE account_id = %s AND (%s::text IS NULL OR user_id = %s)
UNION
SELECT id, envelope FROM {schema}.dead
WHERE account_id = %s AND (%s::text IS NULL OR user_id = %s)
"""

_TRIM = """
DELETE FROM {schema}.outbox WHERE position IN (
    SELECT position FROM {schema}.outbox
    WHERE ticket <= (SELECT min(reached) FROM {schema}.cursor) AND said_at < %s
    ORDER BY ticket LIMIT %s
) RETURNING 1
"""

_FORGET_SINK = "DELETE FROM {schema}.{table} WHERE sink = %s"

_FORGET = """
DELETE FROM {schema}.{table} WHERE account_id = %s AND (%s::text IS NULL OR user_id = %s)
"""

_OF_ACCOUNT = """
SELECT {row}, envelope FROM {schema}.{table} WHERE account_id = %s AND user_id = '' FOR UPDATE
"""

_RENAME = """
UPDATE {schema}.{table} AS kept SET envelope = said.envelope
FROM unnest(%s::bigint[], %s::bytea[]) AS said (row, envelope) WHERE kept.{row} = said.row
"""

_MARK = """
INSERT INTO {schema}.erased AS before (mark, at) VALUES (%s, %s)
ON CONFLICT (mark) DO UPDATE SET at = greatest(before.at, excluded.at)
"""


class Statements(NamedTuple):
    """The statements of one schema; the same objects every time, as prepared statements like."""

    load: bytes
    look_up: bytes
    versions: bytes
    lock: bytes
    save: bytes
    history: bytes
    history_of_user: bytes
    subjects: bytes
    due: bytes
    prune: bytes
    totals: bytes
    waiting: bytes
    last_ticket: bytes
    give_tickets: bytes
    open_cursor: bytes
    cursor: bytes
    next: bytes
    lease: bytes
    settle: bytes
    die: bytes
    queues: bytes
    dead: bytes
    bury: bytes
    said: bytes
    trim: bytes
    forget_sink: tuple[bytes, ...]
    forget: tuple[bytes, ...]
    of_account: tuple[bytes, ...]
    rename: tuple[bytes, ...]
    mark: bytes


def statements(schema: str) -> Statements:
    """The statements for the tables of this schema."""

    def of(template: str, **words: str) -> bytes:
        filled = template.format(schema=f'"{schema}"', conflict=CONFLICT, **words)
        return filled.strip().encode()

    letters = ({"table": "outbox", "row": "position"}, {"table": "dead", "row": "number"})
    return Statements(
        load=of(_LOAD),
        look_up=of(_LOOK_UP),
        versions=of(_VERSIONS),
        lock=of(_LOCK),
        save=of(_SAVE),
        history=of(_HISTORY),
        history_of_user=of(_HISTORY_OF_USER),
        subjects=of(_SUBJECTS),
        due=of(_DUE),
        prune=of(_PRUNE),
        totals=of(_TOTALS),
        waiting=of(_WAITING),
        last_ticket=of(_LAST_TICKET),
        give_tickets=of(_GIVE_TICKETS),
        open_cursor=of(_OPEN_CURSOR),
        cursor=of(_CURSOR),
        next=of(_NEXT),
        lease=of(_LEASE),
        settle=of(_SETTLE),
        die=of(_DIE),
        queues=of(_QUEUES),
        dead=of(_DEAD),
        bury=of(_BURY),
        said=of(_SAID),
        trim=of(_TRIM),
        forget_sink=tuple(of(_FORGET_SINK, table=one) for one in ("cursor", "dead")),
        # the outbox before the dead: an envelope may just be dying
        forget=tuple(of(_FORGET, table=one) for one in ("subject", "history", "outbox", "dead")),
        of_account=tuple(of(_OF_ACCOUNT, **one) for one in letters),
        rename=tuple(of(_RENAME, **one) for one in letters),
        mark=of(_MARK),
    )
