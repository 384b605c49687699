"""Every statement of the SQLite store. All name their columns: newer tables may have more."""

ROWS = "SELECT 0, user, version, progress FROM guidepath_subject WHERE account = ? AND user IN ({})"
VERSIONS = "SELECT user, version FROM guidepath_subject WHERE account = ? AND user IN ('', ?)"
KNOWN = "SELECT 1, id, 0, digest FROM guidepath_history WHERE account = ? AND id IN ({})"
ERASED = "SELECT 2, mark, at, NULL FROM guidepath_erased WHERE mark IN ({})"
INSERT = """INSERT INTO guidepath_subject (version, due, progress, account, user)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
VERSION = "SELECT version FROM guidepath_subject WHERE account = ? AND user = ?"
UPDATE = """UPDATE guidepath_subject SET version = version + 1, due = ?, progress = ?
    WHERE account = ? AND user = ? AND version = ?"""
RECORD = """INSERT INTO guidepath_history (account, id, user, kind, occurred_at, digest, event)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
POST = "INSERT INTO guidepath_outbox (id, account, user, envelope, at) VALUES (?, ?, ?, ?, ?)"
HISTORY = (
    """SELECT event, seq FROM guidepath_history WHERE account = ? {} ORDER BY occurred_at, seq"""
)
SUBJECTS = """SELECT account, user, progress FROM guidepath_subject
    WHERE (account, user) > (?, ?) {} ORDER BY account, user LIMIT ?"""
UNTIL = "AND occurred_at <= ?"
OLD = """SELECT count(*), max(occurred_at) FROM guidepath_history
    WHERE account = ? AND occurred_at <= ? AND user IN ({}) AND kind <> 'feedback'"""
PRUNE = "DELETE FROM guidepath_history WHERE account = ? AND occurred_at <= ? AND user IN ({})"
COUNT_ON = (
    """INSERT INTO guidepath_meta (name, value) VALUES ('pruned', ?)
        ON CONFLICT DO UPDATE SET value = value + excluded.value""",
    """INSERT INTO guidepath_meta (name, value) VALUES ('newest', ?)
        ON CONFLICT DO UPDATE SET value = max(value, excluded.value)""",
)
TOTALS = """SELECT sum(messages), max(newest) FROM (
    SELECT count(*) AS messages, max(occurred_at) AS newest FROM guidepath_history
        WHERE kind <> 'feedback'
    UNION ALL SELECT value, NULL FROM guidepath_meta WHERE name = 'pruned'
    UNION ALL SELECT 0, value FROM guidepath_meta WHERE name = 'newest')"""
CURSOR = "SELECT position, free_at, failures FROM guidepath_cursor WHERE sink = ?"
WAITING = "SELECT position, envelope FROM guidepath_outbox WHERE position > ? ORDER BY 1 LIMIT ?"
HOLD = """INSERT INTO guidepath_cursor (sink, position, free_at, failures) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET free_at = excluded.free_at"""
LEASE = """INSERT INTO guidepath_lease (sink, lease) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET lease = excluded.lease"""
HELD = "UPDATE guidepath_lease SET lease = '', reason = ? WHERE sink = ? AND lease = ?"
SETTLE = "UPDATE guidepath_cursor SET position = ?, free_at = ?, failures = ? WHERE sink = ?"
DIE = """INSERT INTO guidepath_dead (sink, id, account, user, envelope, reason, failed_at)
    SELECT ?, id, account, user, envelope, ?, ? FROM guidepath_outbox WHERE position = ?
    ON CONFLICT DO NOTHING"""
# the first version did not write when a thing was said: 0
QUEUE = """SELECT count(o.position), min(nullif(o.at, 0)),
        coalesce(max(c.failures), 0), max(c.free_at),
        max(l.reason), (SELECT count(*) FROM guidepath_dead WHERE sink = s.sink)
    FROM (SELECT ? AS sink) s LEFT JOIN guidepath_cursor c USING (sink)
    LEFT JOIN guidepath_lease l USING (sink)
    LEFT JOIN guidepath_outbox o ON o.position > coalesce(c.position, 0)"""
SINKS = "SELECT sink FROM guidepath_cursor"
DEAD = """SELECT sink, envelope, reason, failed_at FROM guidepath_dead
    WHERE ? IS NULL OR sink = ? ORDER BY failed_at, number LIMIT ?"""
BURY = "DELETE FROM guidepath_dead WHERE sink = ? AND id = ?"
SAID = """SELECT id, envelope FROM guidepath_outbox WHERE account = ? {0}
    UNION SELECT id, envelope FROM guidepath_dead WHERE account = ? {0}"""
TRIM = """DELETE FROM guidepath_outbox WHERE position IN (
    SELECT position FROM guidepath_outbox
    WHERE position <= (SELECT min(position) FROM guidepath_cursor) AND at < ?
    ORDER BY position LIMIT ?)"""
FORGET = (
    "DELETE FROM guidepath_cursor WHERE sink = ?",
    "DELETE FROM guidepath_lease WHERE sink = ?",
    "DELETE FROM guidepath_dead WHERE sink = ?",
)
ERASE = (
    "DELETE FROM guidepath_subject WHERE account = ? {}",
    "DELETE FROM guidepath_history WHERE account = ? {}",
    "DELETE FROM guidepath_outbox WHERE account = ? {}",
    "DELETE FROM guidepath_dead WHERE account = ? {}",
)
OF_ACCOUNT = "SELECT rowid, envelope FROM guidepath_{} WHERE account = ? AND user = ''"
RENAME = "UPDATE guidepath_{} SET envelope = ? WHERE rowid = ?"
MARK = """INSERT INTO guidepath_erased (mark, at) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET at = max(at, excluded.at)"""
