-- The durable core. Times are microseconds since 1970, UTC. Frozen once released: later changes are new files.
-- Lists of more than two words are written with OR: for IN, SQLite makes a table in memory each time that a row is written.

CREATE TABLE installation (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    key        TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One row for each process that ever opened the database to work or to speak.
CREATE TABLE workers (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE conversations (
    id              INTEGER PRIMARY KEY,
    platform        TEXT    NOT NULL,
    space           TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    thread          TEXT    NOT NULL,
    direct          INTEGER NOT NULL CHECK (direct IN (0, 1)),
    options         TEXT    NOT NULL DEFAULT '{}',
    last_message_id TEXT    NOT NULL DEFAULT '',
    last_message_at INTEGER NOT NULL DEFAULT 0,
    UNIQUE (platform, space, channel, thread)
) STRICT;

-- What was received, once and for all: the key of deduplication.
CREATE TABLE inbound (
    platform    TEXT    NOT NULL,
    space       TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    message_id  TEXT    NOT NULL,
    run_id      INTEGER,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (platform, space, channel, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id  INTEGER NOT NULL REFERENCES conversations (id),
    message_id       TEXT    NOT NULL,
    asked_by         TEXT    NOT NULL,
    author_name      TEXT    NOT NULL,
    request          TEXT    NOT NULL,
    attachments      TEXT    NOT NULL,
    workspace_id     TEXT    NOT NULL,
    workspace_path   TEXT    NOT NULL,
    reasoning        TEXT    NOT NULL CHECK (reasoning = 'on' OR reasoning = 'off' OR reasoning = 'auto'),
    debug            INTEGER NOT NULL CHECK (debug IN (0, 1)),
    reflect          INTEGER NOT NULL CHECK (reflect IN (0, 1)),
    status           TEXT    NOT NULL CHECK (
                         status = 'queued' OR status = 'running' OR status = 'waiting' OR status = 'completed' OR
                         status = 'failed' OR status = 'expired' OR status = 'cancelled'),
    resumed          INTEGER NOT NULL DEFAULT 0 CHECK (resumed IN (0, 1)),
    sent_at          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    ended_at         INTEGER,
    attempts         INTEGER NOT NULL DEFAULT 0,
    not_before       INTEGER,
    model_away_since INTEGER,
    cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
    cancelled_by     TEXT    NOT NULL DEFAULT '',
    answer           TEXT,
    failure          TEXT    NOT NULL DEFAULT '',
    lease_token      INTEGER,
    lease_expires_at INTEGER,
    worker_id        INTEGER,
    event_count      INTEGER NOT NULL DEFAULT 0,
    event_head       BLOB    NOT NULL,
    CHECK ((status = 'running') = (lease_token IS NOT NULL))
) STRICT;

CREATE INDEX runs_unsettled ON runs (status, conversation_id)
WHERE status = 'queued' OR status = 'running' OR status = 'waiting';
-- Only a running run occupies its conversation, and only one does.
CREATE UNIQUE INDEX runs_one_running ON runs (conversation_id) WHERE status = 'running';
CREATE INDEX runs_of_conversation ON runs (conversation_id, id);
CREATE INDEX runs_of_person ON runs (asked_by, id);

CREATE TABLE steps (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text   TEXT    NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- What the planner asked for. Inserted, never changed: what people approve is this row. Once nothing of its run can run any
-- more, its words may be forgotten.
CREATE TABLE tool_calls (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step      INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    tool      TEXT    NOT NULL,
    version   TEXT    NOT NULL,
    arguments TEXT    NOT NULL,
    digest    BLOB    NOT NULL CHECK (length(digest) = 32),
    effect    TEXT    NOT NULL CHECK (effect = 'none' OR effect = 'idempotent' OR effect = 'external'),
    risk      TEXT    NOT NULL CHECK (
                    risk = 'none' OR risk = 'low' OR risk = 'medium' OR risk = 'high' OR risk = 'critical'),
    reason    TEXT    NOT NULL,
    why_asked TEXT    NOT NULL,
    UNIQUE (run_id, step, number)
) STRICT;

CREATE TRIGGER tool_calls_are_never_changed BEFORE UPDATE ON tool_calls
WHEN (NEW.id, NEW.run_id, NEW.step, NEW.number, NEW.tool, NEW.version, NEW.digest, NEW.effect, NEW.risk) IS NOT
     (OLD.id, OLD.run_id, OLD.step, OLD.number, OLD.tool, OLD.version, OLD.digest, OLD.effect, OLD.risk)
BEGIN SELECT raise(ABORT, 'a tool call is never changed'); END;
CREATE TRIGGER tool_calls_keep_their_words BEFORE UPDATE ON tool_calls
WHEN NOT EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id
                 AND (status = 'completed' OR status = 'failed' OR status = 'cancelled'))
BEGIN SELECT raise(ABORT, 'a tool call of a run that can still go on is never changed'); END;
CREATE TRIGGER tool_calls_go_only_with_their_run BEFORE DELETE ON tool_calls
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id)
BEGIN SELECT raise(ABORT, 'a tool call goes only with its run'); END;

CREATE TABLE call_states (
    call_id     INTEGER PRIMARY KEY REFERENCES tool_calls (id) ON DELETE CASCADE,
    state       TEXT    NOT NULL CHECK (
                    state = 'proposed' OR state = 'ready' OR state = 'awaiting_approval' OR state = 'denied' OR
                    state = 'changes_requested' OR state = 'started' OR state = 'observed' OR
                    state = 'outcome_unknown'),
    attempt     INTEGER NOT NULL DEFAULT 1,
    approval_id INTEGER,
    observation TEXT,
    denied_by   TEXT CHECK (denied_by IN ('person', 'policy')),
    denial      TEXT    NOT NULL DEFAULT '',
    denier      TEXT    NOT NULL DEFAULT '',
    CHECK (state <> 'observed' OR observation IS NOT NULL)
) STRICT;

CREATE TABLE approvals (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    call_id      INTEGER NOT NULL REFERENCES tool_calls (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind = 'permission' OR kind = 'outcome' OR kind = 'question'),
    status       TEXT    NOT NULL CHECK (
                    status = 'pending' OR status = 'approved' OR status = 'denied' OR
                    status = 'changes_requested' OR status = 'answered' OR status = 'expired' OR
                    status = 'withdrawn'),
    requirement  TEXT    NOT NULL CHECK (
                    requirement = 'requester' OR requirement = 'approvers' OR requirement = 'other_approver'),
    preview      TEXT    NOT NULL,
    target       TEXT    NOT NULL,
    requested_at INTEGER NOT NULL,
    expires_at   INTEGER
) STRICT;

CREATE INDEX approvals_of_run ON approvals (run_id);
CREATE INDEX approvals_pending ON approvals (expires_at) WHERE status = 'pending';

CREATE TABLE decisions (
    approval_id INTEGER PRIMARY KEY REFERENCES approvals (id) ON DELETE CASCADE,
    verdict     TEXT    NOT NULL CHECK (
                    verdict = 'approve' OR verdict = 'deny' OR verdict = 'change' OR verdict = 'mark_done' OR
                    verdict = 'mark_failed' OR verdict = 'retry' OR verdict = 'answer'),
    grant_scope TEXT    CHECK (grant_scope = 'person' OR grant_scope = 'conversation' OR grant_scope = 'workspace'),
    decided_by  TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    comment     TEXT    NOT NULL,
    place       TEXT    NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

CREATE TRIGGER decisions_are_never_changed BEFORE UPDATE ON decisions
WHEN (NEW.approval_id, NEW.verdict, NEW.grant_scope, NEW.decided_by, NEW.name, NEW.place, NEW.at) IS NOT
     (OLD.approval_id, OLD.verdict, OLD.grant_scope, OLD.decided_by, OLD.name, OLD.place, OLD.at)
BEGIN SELECT raise(ABORT, 'a decision is never changed'); END;
-- Its words may be forgotten once the run is over.
CREATE TRIGGER decisions_keep_their_words BEFORE UPDATE ON decisions
WHEN NOT EXISTS (SELECT 1 FROM approvals AS a JOIN runs AS r ON r.id = a.run_id WHERE a.id = OLD.approval_id
                 AND (r.status = 'completed' OR r.status = 'failed' OR r.status = 'cancelled'))
BEGIN SELECT raise(ABORT, 'a decision of a run that can still go on is never changed'); END;

CREATE TABLE grants (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    tool       TEXT    NOT NULL,
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    scope      TEXT    NOT NULL CHECK (scope = 'person' OR scope = 'conversation' OR scope = 'workspace'),
    subject    TEXT    NOT NULL,
    workspace  TEXT    NOT NULL,
    shown      TEXT    NOT NULL,
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    revoked_by TEXT    NOT NULL DEFAULT '',
    uses       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX grants_of_call ON grants (digest);

-- Append-only. `hash` covers the row before it, this row, and sha256(salt || body) of its payload.
CREATE TABLE events (
    run_id       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    type         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    payload_hash BLOB    NOT NULL,
    hash         BLOB    NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_go_only_with_their_run BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id)
BEGIN SELECT raise(ABORT, 'an event goes only with its run'); END;

-- Apart from the event, so that a payload can be forgotten while the chain still verifies.
CREATE TABLE payloads (
    run_id INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    salt   BLOB    NOT NULL,
    body   BLOB    NOT NULL,
    PRIMARY KEY (run_id, seq),
    FOREIGN KEY (run_id, seq) REFERENCES events (run_id, seq) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The head of a run's chain whenever the run comes to rest, chained over the whole installation:
-- a run that loses its tail, or disappears, is missed here. AUTOINCREMENT: so is the last head.
CREATE TABLE heads (
    n      INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    head   BLOB    NOT NULL,
    hash   BLOB    NOT NULL
) STRICT;

CREATE TRIGGER heads_are_never_changed BEFORE UPDATE ON heads
BEGIN SELECT raise(ABORT, 'a head is never changed'); END;
CREATE TRIGGER heads_are_never_removed BEFORE DELETE ON heads
BEGIN SELECT raise(ABORT, 'a head is never removed'); END;

-- Runs that an administrator removed on purpose, with the head they had.
CREATE TABLE pruned (
    run_id INTEGER PRIMARY KEY,
    head   BLOB    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id          INTEGER REFERENCES runs (id) ON DELETE CASCADE,
    approval_id     INTEGER REFERENCES approvals (id) ON DELETE CASCADE,
    target_id       INTEGER REFERENCES deliveries (id) ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    person          TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (
                    kind = 'answer' OR kind = 'notice' OR kind = 'page' OR kind = 'card' OR kind = 'card_update' OR
                    kind = 'timeline'),
    body            TEXT    NOT NULL,
    status          TEXT    NOT NULL CHECK (
                    status = 'owed' OR status = 'sending' OR status = 'sent' OR status = 'dead' OR
                    status = 'superseded'),
    priority        INTEGER NOT NULL,
    form            TEXT    NOT NULL DEFAULT 'full' CHECK (form = 'full' OR form = 'text' OR form = 'direct'),
    attempts        INTEGER NOT NULL DEFAULT 0,
    tried           INTEGER NOT NULL DEFAULT 0 CHECK (tried IN (0, 1)),
    not_before      INTEGER NOT NULL DEFAULT 0,
    sent            TEXT    NOT NULL DEFAULT '[]',
    worker_id       INTEGER,
    error           TEXT    NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL,
    CHECK ((status = 'sending') = (worker_id IS NOT NULL))
) STRICT;

CREATE INDEX deliveries_due ON deliveries (priority, id) WHERE status IN ('owed', 'sending');
CREATE INDEX deliveries_in_hand ON deliveries (worker_id) WHERE worker_id IS NOT NULL;
CREATE INDEX deliveries_of_run ON deliveries (run_id);
CREATE INDEX deliveries_of_approval ON deliveries (approval_id) WHERE approval_id IS NOT NULL;

-- What is done for a run after its answer: its kinds come with the features that need them.
CREATE TABLE afterthoughts (
    run_id           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind             TEXT    NOT NULL,
    status           TEXT    NOT NULL CHECK (
                    status = 'owed' OR status = 'running' OR status = 'done' OR status = 'failed'),
    attempts         INTEGER NOT NULL DEFAULT 0,
    lease_token      INTEGER,
    lease_expires_at INTEGER,
    PRIMARY KEY (run_id, kind)
) STRICT, WITHOUT ROWID;
