-- Since when the installation has served a platform: what was said there before is nobody's to answer.
CREATE TABLE platforms (
    name         TEXT    PRIMARY KEY,
    served_since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
