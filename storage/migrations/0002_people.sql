-- Who is whom. Append-only and chained like events: which accounts are one person's, and which requests are open, is what
-- these facts say from the first to the last, and stands nowhere else. Each one's hash also stands in `heads`, for run 0:
-- the installation's chain vouches for them, and misses one that is removed.
CREATE TABLE link_events (
    n    INTEGER PRIMARY KEY,
    type TEXT    NOT NULL CHECK (type IN
             ('link_requested', 'accounts_linked', 'link_refused', 'link_expired', 'link_withdrawn', 'account_unlinked',
              'attempt_refused')),
    at   INTEGER NOT NULL,
    body BLOB    NOT NULL,
    hash BLOB    NOT NULL
) STRICT;

CREATE TRIGGER link_events_are_never_changed BEFORE UPDATE ON link_events
BEGIN SELECT raise(ABORT, 'a link event is never changed'); END;
CREATE TRIGGER link_events_are_never_removed BEFORE DELETE ON link_events
BEGIN SELECT raise(ABORT, 'a link event is never removed'); END;
