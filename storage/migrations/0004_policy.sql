-- What a call reads and whether it could carry data out: what a run has read decides later whether such a call is asked.
ALTER TABLE tool_calls ADD COLUMN reads_untrusted INTEGER NOT NULL DEFAULT 0 CHECK (reads_untrusted IN (0, 1));
ALTER TABLE tool_calls ADD COLUMN sends_out INTEGER NOT NULL DEFAULT 0 CHECK (sends_out IN (0, 1));
CREATE TRIGGER tool_calls_stay_as_risky BEFORE UPDATE OF reads_untrusted, sends_out ON tool_calls
BEGIN SELECT raise(ABORT, 'a tool call is never changed'); END;

-- How a call looks since it was asked anew, NULL where it looks as it was planned; and whether it is asked each time.
ALTER TABLE call_states ADD COLUMN risk TEXT;
ALTER TABLE call_states ADD COLUMN why_asked TEXT;
ALTER TABLE call_states ADD COLUMN sends_out INTEGER CHECK (sends_out IN (0, 1));
ALTER TABLE call_states ADD COLUMN each_time INTEGER NOT NULL DEFAULT 0 CHECK (each_time IN (0, 1));

-- The standing approval that let a call through; one of its uses was counted then.
ALTER TABLE call_states ADD COLUMN grant_id INTEGER REFERENCES grants (id);

-- Broader grants. `digest` stays that of the call that a grant was made on; an exact one covers that call alone. The others
-- cover calls of one version of the tool: those of which `prefix` (JSON, words) comes first and `others` (JSON, the
-- arguments beside the command) are the same, or all.
ALTER TABLE grants ADD COLUMN kind TEXT NOT NULL DEFAULT 'exact' CHECK (kind = 'exact' OR kind = 'prefix' OR kind = 'tool');
ALTER TABLE grants ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN prefix TEXT NOT NULL DEFAULT '[]';
ALTER TABLE grants ADD COLUMN others TEXT NOT NULL DEFAULT '{}';
ALTER TABLE grants ADD COLUMN most_uses INTEGER CHECK (most_uses > 0);

CREATE INDEX grants_broad ON grants (tool) WHERE revoked_at IS NULL AND kind <> 'exact';
