-- What is kept of runs beyond the runs themselves. Times are microseconds since 1970, UTC.

CREATE TABLE memories (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    text          TEXT    NOT NULL,
    scope         TEXT    NOT NULL CHECK (
                      scope = 'person' OR scope = 'conversation' OR scope = 'workspace' OR scope = 'team'),
    subject       TEXT    NOT NULL, -- an account, a channel or a workspace as they are written; '' of the team
    type          TEXT    NOT NULL CHECK (
                      type = 'fact' OR type = 'preference' OR type = 'procedure' OR type = 'decision' OR
                      type = 'incident' OR type = 'lesson'),
    importance    REAL    NOT NULL CHECK (importance BETWEEN 0 AND 1),
    metadata      TEXT    NOT NULL,
    said_by       TEXT    NOT NULL, -- whose words it goes back to
    run_id        INTEGER REFERENCES runs (id) ON DELETE SET NULL,
    created_at    INTEGER NOT NULL,
    used_at       INTEGER NOT NULL,
    uses          INTEGER NOT NULL DEFAULT 0,
    helped        INTEGER NOT NULL DEFAULT 0,
    misled        INTEGER NOT NULL DEFAULT 0,
    pinned        INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    expires_at    INTEGER,
    retired_at    INTEGER, -- superseded, or misleading: history from then on, and found no more
    superseded_by INTEGER REFERENCES memories (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX memories_of_place ON memories (scope, subject, id);
CREATE INDEX memories_of_run ON memories (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX memories_said_by ON memories (said_by);
CREATE INDEX memories_superseded ON memories (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX memories_expiring ON memories (expires_at) WHERE expires_at IS NOT NULL;

-- The runs in which a memory was said: the one that it was kept for, and those that said the same again.
CREATE TABLE memory_sources (
    memory_id INTEGER NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (memory_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX memory_sources_of_run ON memory_sources (run_id);

-- How many memories of a place can be found, and a number that is another one each time that a vector of the place went:
-- whoever holds vectors in memory looks here. Kept by the triggers; a place with nothing to be found has no row.
CREATE TABLE memory_places (
    scope   TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    live    INTEGER NOT NULL,
    thinned INTEGER NOT NULL,
    PRIMARY KEY (scope, subject)
) STRICT, WITHOUT ROWID;

-- The vector of a memory's text: float32, little-endian, of unit length. `space` names the model that made it. The place is
-- the memory's own. AUTOINCREMENT: what came since somebody looked has a greater `n`, also after deletions.
CREATE TABLE memory_vectors (
    n         INTEGER PRIMARY KEY AUTOINCREMENT,
    memory_id INTEGER NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    space     TEXT    NOT NULL,
    scope     TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    vector    BLOB    NOT NULL,
    UNIQUE (memory_id, space)
) STRICT;

CREATE INDEX memory_vectors_of_place ON memory_vectors (scope, subject, space, n);

-- What the critic made of a run. The lesson is a memory, which several runs may have taught.
CREATE TABLE experiences (
    run_id     INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    lesson_id  INTEGER REFERENCES memories (id) ON DELETE SET NULL,
    succeeded  INTEGER NOT NULL CHECK (succeeded IN (0, 1)),
    summary    TEXT    NOT NULL,
    worked     TEXT    NOT NULL,
    failed     TEXT    NOT NULL,
    confidence REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    at         INTEGER NOT NULL
) STRICT;

CREATE INDEX experiences_of_lesson ON experiences (lesson_id) WHERE lesson_id IS NOT NULL;

-- The memories that were in the context of a run's answer.
CREATE TABLE reliances (
    run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    memory_id INTEGER NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    PRIMARY KEY (run_id, memory_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX reliances_on_memory ON reliances (memory_id);

-- What was said in a conversation from one run to another, both included, in a few words.
CREATE TABLE summaries (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    first_run       INTEGER NOT NULL,
    last_run        INTEGER NOT NULL,
    text            TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, last_run)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER summaries_go_with_their_runs BEFORE DELETE ON runs
BEGIN DELETE FROM summaries
      WHERE conversation_id = OLD.conversation_id AND first_run <= OLD.id AND last_run >= OLD.id; END;

-- The skills that people said yes to, as they were read then. Of a skill in its place the newest row counts.
CREATE TABLE skill_approvals (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    place       TEXT    NOT NULL, -- the real path of the folder that the skill's own folder stands in
    name        TEXT    NOT NULL,
    digest      BLOB    NOT NULL CHECK (length(digest) = 32), -- over all of its files
    manual      TEXT    NOT NULL, -- SKILL.md without secrets: what a later change of it is shown against
    files       TEXT    NOT NULL, -- the digest of each file by its path
    approved_by TEXT    NOT NULL,
    approved_at INTEGER NOT NULL
) STRICT;

CREATE INDEX skill_approvals_of_skill ON skill_approvals (place, name, id);

ALTER TABLE afterthoughts ADD COLUMN worker_id INTEGER;
ALTER TABLE afterthoughts ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;

CREATE INDEX afterthoughts_open ON afterthoughts (status, not_before) WHERE status = 'owed' OR status = 'running';

-- The words of the memories that can be found, for searching. `place` has a word for the place and one for the type, so that
-- MATCH looks into the asker's places alone: hexadecimal, and ending with a digit, because the stemmer leaves those as they are.
CREATE VIEW memory_words_of AS
SELECT id, hex(scope || ' ' || subject) || '0 ' || type || '0' AS place, text FROM memories;

CREATE VIRTUAL TABLE memory_words USING fts5(
    place, text, content = 'memory_words_of', content_rowid = 'id', columnsize = 0,
    tokenize = 'porter unicode61 remove_diacritics 2'
);

CREATE TRIGGER memories_come AFTER INSERT ON memories
BEGIN
    INSERT INTO memory_words (rowid, place, text) SELECT id, place, text FROM memory_words_of WHERE id = NEW.id;
    INSERT INTO memory_places (scope, subject, live, thinned) VALUES (NEW.scope, NEW.subject, 1, random())
    ON CONFLICT (scope, subject) DO UPDATE SET live = live + 1;
END;

-- What becomes history, or goes, is found no more. An UPDATE deletes nothing from `memory_words`: it has to be told what stood there.
CREATE TRIGGER memories_retire AFTER UPDATE OF retired_at ON memories WHEN OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL
BEGIN
    INSERT INTO memory_words (memory_words, rowid, place, text)
    SELECT 'delete', id, place, text FROM memory_words_of WHERE id = OLD.id;
    DELETE FROM memory_vectors WHERE memory_id = OLD.id;
    UPDATE memory_places SET live = live - 1 WHERE scope = OLD.scope AND subject = OLD.subject;
    DELETE FROM memory_places WHERE scope = OLD.scope AND subject = OLD.subject AND live = 0;
END;
CREATE TRIGGER memories_go BEFORE DELETE ON memories WHEN OLD.retired_at IS NULL
BEGIN
    INSERT INTO memory_words (memory_words, rowid, place, text)
    SELECT 'delete', id, place, text FROM memory_words_of WHERE id = OLD.id;
    DELETE FROM memory_vectors WHERE memory_id = OLD.id;
    UPDATE memory_places SET live = live - 1 WHERE scope = OLD.scope AND subject = OLD.subject;
    DELETE FROM memory_places WHERE scope = OLD.scope AND subject = OLD.subject AND live = 0;
END;
CREATE TRIGGER memory_vectors_go AFTER DELETE ON memory_vectors
BEGIN UPDATE memory_places SET thinned = random() WHERE scope = OLD.scope AND subject = OLD.subject; END;

CREATE TRIGGER memories_say_what_they_said BEFORE UPDATE OF text, scope, subject, type ON memories
BEGIN SELECT raise(ABORT, 'a memory is superseded, never rewritten'); END;
CREATE TRIGGER memories_stay_retired BEFORE UPDATE OF retired_at ON memories WHEN OLD.retired_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'what is history stays history'); END;

-- Something was forgotten, and the room where it stood is not scoured yet.
CREATE TABLE scouring_owed (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at  INTEGER NOT NULL
) STRICT;
