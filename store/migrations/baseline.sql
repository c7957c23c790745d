-- The schema as released: statements, an empty line after each. Frozen by the first release (docs/releasing.md).

CREATE TABLE counters (
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT pk_counters PRIMARY KEY (year)
)

COMMENT ON TABLE counters IS 'the last batch number given in each year; gapless'

CREATE TABLE batches (
    batch_no TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    key UUID,
    order_sha256 TEXT NOT NULL,
    trademarks TEXT[] DEFAULT '{}' NOT NULL,
    spec_model TEXT,
    opening JSONB NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    snapshot JSONB NOT NULL,
    kept JSON,
    acts_at TIMESTAMP WITH TIME ZONE DEFAULT 'infinity' NOT NULL,
    phase TEXT NOT NULL,
    outcome TEXT,
    laboratory TEXT NOT NULL,
    retest_laboratory TEXT,
    last_seq INTEGER DEFAULT '0' NOT NULL,
    last_hash TEXT DEFAULT '' NOT NULL,
    clock_ahead INTERVAL DEFAULT '00:00:00'::interval NOT NULL,
    last_position INTEGER DEFAULT '0' NOT NULL,
    decided_to INTEGER DEFAULT '0' NOT NULL,
    last_stamp TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_batches PRIMARY KEY (batch_no),
    CONSTRAINT uq_batches_year_number UNIQUE (year, number),
    CONSTRAINT uq_batches_key UNIQUE (key)
)
 WITH (fillfactor = 80)

CREATE INDEX ix_batches_laboratory_batch_no ON batches (laboratory, batch_no)

CREATE INDEX ix_batches_outcome_batch_no ON batches (outcome, batch_no)

CREATE INDEX ix_batches_phase_batch_no ON batches (phase, batch_no)

CREATE INDEX ix_batches_retest_laboratory_batch_no ON batches (retest_laboratory, batch_no) WHERE retest_laboratory IS NOT NULL

CREATE INDEX ix_batches_spec_model_year ON batches (spec_model, year)

CREATE INDEX ix_batches_acts_at ON batches (acts_at) WHERE acts_at < 'infinity'

CREATE INDEX ix_batches_undecided ON batches (last_stamp) WHERE last_position > decided_to

CREATE INDEX ix_batches_opened_by ON batches ((opening #>> '{opened_by,sub}'), opened_at)

CREATE INDEX ix_batches_unstarted ON batches (opened_at) WHERE started_at IS NULL

COMMENT ON COLUMN batches.year IS 'calendar year of ordering, Asia/Shanghai'

COMMENT ON COLUMN batches.key IS 'Idempotency-Key of the order'

COMMENT ON COLUMN batches.trademarks IS 'what is sampled, folded (§3); empty: unknown'

COMMENT ON COLUMN batches.spec_model IS 'what is sampled, folded (§3); null: unknown'

COMMENT ON COLUMN batches.started_at IS 'when the workflow was known to run'

COMMENT ON COLUMN batches.version IS 'of the snapshot'

COMMENT ON COLUMN batches.kept IS 'the workflow''s whole case as of the version'

COMMENT ON COLUMN batches.acts_at IS 'when the batch does something next by itself, by the database''s clock; infinity: never'

COMMENT ON COLUMN batches.last_seq IS 'tail of the timeline'

COMMENT ON COLUMN batches.last_hash IS 'tail of the timeline'

COMMENT ON COLUMN batches.clock_ahead IS 'how far a fast-forwarded batch''s clock is ahead; always 0 in production'

COMMENT ON COLUMN batches.last_position IS 'tail of the ledger'

COMMENT ON COLUMN batches.decided_to IS 'place in the ledger of the last step that is decided'

COMMENT ON COLUMN batches.last_stamp IS 'of the ledger, or of its being asked about silence; no later stamp is before it'

CREATE TABLE document_series (
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT pk_document_series PRIMARY KEY (kind, year)
)

COMMENT ON TABLE document_series IS 'the last document number given of each kind in each year; gapless'

CREATE TABLE alerts (
    key TEXT NOT NULL,
    batch_no TEXT NOT NULL,
    to_title TEXT NOT NULL,
    level SMALLINT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_alerts PRIMARY KEY (key)
)

CREATE INDEX ix_alerts_batch_no ON alerts (batch_no)

CREATE INDEX ix_alerts_unsent ON alerts (created_at) WHERE state in ('waiting', 'failed')

COMMENT ON TABLE alerts IS 'reminders, escalations and calls to staff'

COMMENT ON COLUMN alerts.state IS 'waiting, sent, not_configured, failed'

CREATE TABLE access_log (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    sub TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    batch_nos TEXT[] NOT NULL,
    status INTEGER NOT NULL,
    client TEXT NOT NULL,
    CONSTRAINT pk_access_log PRIMARY KEY (no)
)

CREATE INDEX ix_access_log_at ON access_log (at)

CREATE INDEX ix_access_log_batch_nos ON access_log USING gin (batch_nos)

CREATE INDEX ix_access_log_sub_no ON access_log (sub, no)

COMMENT ON TABLE access_log IS 'who read which personal data, when, from where; no part of the legal record; append-only'

COMMENT ON COLUMN access_log.path IS 'what was read'

COMMENT ON COLUMN access_log.batch_nos IS 'the batches that the answer was about'

COMMENT ON COLUMN access_log.status IS 'of the answer'

COMMENT ON COLUMN access_log.client IS 'the address that asked'

CREATE TABLE revoked_tokens (
    no INTEGER GENERATED ALWAYS AS IDENTITY,
    jti TEXT,
    sub TEXT,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_revoked_tokens PRIMARY KEY (no),
    CONSTRAINT ck_revoked_tokens_one_of_both CHECK ((jti is null) <> (sub is null))
)

COMMENT ON TABLE revoked_tokens IS 'tokens that no longer hold; append-only'

COMMENT ON COLUMN revoked_tokens.jti IS 'this token'

COMMENT ON COLUMN revoked_tokens.sub IS 'all tokens of this account issued until then'

CREATE TABLE unread_mails (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    sha256 TEXT NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    mailed_at TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    reason TEXT NOT NULL,
    dealt_with_at TIMESTAMP WITH TIME ZONE,
    dealt_with_by TEXT,
    note TEXT,
    CONSTRAINT pk_unread_mails PRIMARY KEY (no),
    CONSTRAINT uq_unread_mails_sha256 UNIQUE (sha256)
)

CREATE INDEX ix_unread_mails_open ON unread_mails (no) WHERE dealt_with_at IS NULL

COMMENT ON TABLE unread_mails IS 'mails to the letters'' sender that no rule reads: a person looks at them'

COMMENT ON COLUMN unread_mails.sha256 IS 'of the mail: the same again is the same'

COMMENT ON COLUMN unread_mails.mailed_at IS 'as the mail itself says'

COMMENT ON COLUMN unread_mails.excerpt IS 'the beginning of its text'

COMMENT ON COLUMN unread_mails.reason IS 'store.mails.unread.WhyUnread'

COMMENT ON COLUMN unread_mails.dealt_with_by IS 'name and account'

COMMENT ON COLUMN unread_mails.note IS 'what was done'

CREATE TABLE heartbeats (
    name TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT pk_heartbeats PRIMARY KEY (name)
)

COMMENT ON TABLE heartbeats IS 'what the workers said last of themselves, and of what only they can reach'

COMMENT ON COLUMN heartbeats.name IS 'relay, mail, mailbox, evidence'

COMMENT ON COLUMN heartbeats.state IS 'working, failing, not_configured'

COMMENT ON COLUMN heartbeats.detail IS 'what was wrong'

CREATE TABLE displaced (
    batch_no TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    opening JSON NOT NULL,
    kept JSON NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    dealt_with_at TIMESTAMP WITH TIME ZONE,
    note TEXT,
    CONSTRAINT pk_displaced PRIMARY KEY (batch_no, opened_at)
)

CREATE INDEX ix_displaced_open ON displaced (found_at) WHERE dealt_with_at IS NULL

COMMENT ON TABLE displaced IS 'batches that a restored database had lost, and whose number it has given to another order'

COMMENT ON COLUMN displaced.batch_no IS 'which is another batch''s now'

COMMENT ON COLUMN displaced.version IS 'how many changes its workflow knew of'

COMMENT ON COLUMN displaced.kept IS 'the workflow''s whole case'

COMMENT ON COLUMN displaced.note IS 'what was done, and by whom'

CREATE TABLE calendar_arrangements (
    digest TEXT NOT NULL,
    year INTEGER NOT NULL,
    version TEXT NOT NULL,
    content TEXT NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_calendar_arrangements PRIMARY KEY (digest)
)

COMMENT ON TABLE calendar_arrangements IS 'every arrangement a deadline was ever counted on, built-in and guessed ones too'

COMMENT ON COLUMN calendar_arrangements.digest IS 'SHA-256 of content'

COMMENT ON COLUMN calendar_arrangements.version IS 'under which it was first counted on'

COMMENT ON COLUMN calendar_arrangements.content IS 'canonical JSON, as law.calendar.CalendarYear.content'

CREATE TABLE set_aside (
    batch_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    again_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_set_aside PRIMARY KEY (batch_no),
    CONSTRAINT fk_set_aside_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

COMMENT ON TABLE set_aside IS 'batches for which Temporal does not take what it is sent'

COMMENT ON COLUMN set_aside.reason IS 'what Temporal said'

COMMENT ON COLUMN set_aside.again_at IS 'not tried before'

CREATE TABLE batch_search (
    batch_no TEXT NOT NULL,
    content TEXT NOT NULL,
    terms TEXT[] NOT NULL,
    CONSTRAINT pk_batch_search PRIMARY KEY (batch_no),
    CONSTRAINT fk_batch_search_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_batch_search_terms ON batch_search USING gin (terms)

COMMENT ON TABLE batch_search IS 'apart from batches, so that a batch''s progress does not rewrite its search terms'

COMMENT ON COLUMN batch_search.content IS 'what people look for, folded'

COMMENT ON COLUMN batch_search.terms IS 'its single characters and pairs of characters'

CREATE TABLE ledger (
    step_id UUID NOT NULL,
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    batch_no TEXT NOT NULL,
    step TEXT NOT NULL,
    body JSONB NOT NULL,
    body_sha256 TEXT NOT NULL,
    actor JSONB NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    signalled_at TIMESTAMP WITH TIME ZONE,
    position INTEGER NOT NULL,
    CONSTRAINT pk_ledger PRIMARY KEY (step_id),
    CONSTRAINT fk_ledger_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_ledger_batch_no_step ON ledger (batch_no, step)

CREATE INDEX ix_ledger_received_at ON ledger USING brin (received_at)

CREATE INDEX ix_ledger_sub_received_at ON ledger ((actor ->> 'sub'), received_at)

CREATE INDEX ix_ledger_unsignalled ON ledger (no) WHERE signalled_at IS NULL

COMMENT ON TABLE ledger IS 'every step received; append-only but for signalled_at'

COMMENT ON COLUMN ledger.no IS 'order of filing'

COMMENT ON COLUMN ledger.received_at IS 'stamped under the batch''s lock'

COMMENT ON COLUMN ledger.position IS 'order of filing within the batch, from 1'

CREATE TABLE timeline (
    batch_no TEXT NOT NULL,
    seq INTEGER NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    rests_on TEXT NOT NULL,
    actor JSON NOT NULL,
    data JSON NOT NULL,
    key TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_timeline PRIMARY KEY (batch_no, seq),
    CONSTRAINT uq_timeline_batch_no_key UNIQUE (batch_no, key),
    CONSTRAINT fk_timeline_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_timeline_last_day ON timeline ((data #>> '{deadline,last_day}')) WHERE kind IN ('wait_opened', 'deadline_moved')

COMMENT ON TABLE timeline IS 'the legal record; append-only, each row carries the hash of the one before'

CREATE TABLE waits (
    batch_no TEXT NOT NULL,
    wait_id TEXT NOT NULL,
    state TEXT NOT NULL,
    wait JSONB NOT NULL,
    step TEXT,
    kind TEXT NOT NULL,
    owed_by TEXT NOT NULL,
    role TEXT,
    party TEXT,
    last_day DATE,
    due TIMESTAMP WITH TIME ZONE NOT NULL,
    overdue_from TIMESTAMP WITH TIME ZONE NOT NULL,
    provisional BOOLEAN NOT NULL,
    rests_on TEXT NOT NULL,
    trace JSON,
    counted_on TEXT[] DEFAULT '{}'::text[] NOT NULL,
    reminded SMALLINT,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_waits PRIMARY KEY (batch_no, wait_id),
    CONSTRAINT fk_waits_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_waits_open_due ON waits (due, batch_no, wait_id) WHERE state = 'open'

CREATE INDEX ix_waits_open_overdue_from ON waits (overdue_from, batch_no) WHERE state = 'open'

CREATE INDEX ix_waits_open_owed_by_due ON waits (owed_by, due, batch_no, wait_id) WHERE state = 'open'

COMMENT ON TABLE waits IS 'what is owed by whom, until when, on what rule'

COMMENT ON COLUMN waits.state IS 'open, ended'

COMMENT ON COLUMN waits.due IS 'the deadline; infinity where there is none'

COMMENT ON COLUMN waits.overdue_from IS 'from when on a duty is late, by the database''s clock; infinity for a right'

COMMENT ON COLUMN waits.trace IS 'the Deadline with its account, day by day'

COMMENT ON COLUMN waits.counted_on IS 'digests of the arrangements of its count'

COMMENT ON COLUMN waits.reminded IS 'highest level told'

CREATE TABLE documents (
    document_id TEXT NOT NULL,
    batch_no TEXT NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    recipient_name TEXT NOT NULL,
    address TEXT,
    email TEXT,
    title TEXT NOT NULL,
    fields JSON NOT NULL,
    field_titles JSON NOT NULL,
    facts JSON NOT NULL,
    rests_on TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    corrects TEXT,
    duty TEXT,
    number TEXT NOT NULL,
    series_year INTEGER NOT NULL,
    series_no INTEGER NOT NULL,
    secret TEXT NOT NULL,
    CONSTRAINT pk_documents PRIMARY KEY (document_id),
    CONSTRAINT uq_documents_kind_series_year_series_no UNIQUE (kind, series_year, series_no),
    CONSTRAINT uq_documents_secret UNIQUE (secret),
    CONSTRAINT fk_documents_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no),
    CONSTRAINT fk_documents_corrects FOREIGN KEY(corrects) REFERENCES documents (document_id)
)

CREATE INDEX ix_documents_batch_no ON documents (batch_no)

CREATE INDEX ix_documents_corrects ON documents (corrects) WHERE corrects IS NOT NULL

CREATE INDEX ix_documents_sent ON documents (kind, sent_at, document_id) WHERE sent_at IS NOT NULL

COMMENT ON TABLE documents IS 'papers as made out; fixed but for sent_at, which is set once'

COMMENT ON COLUMN documents.field_titles IS 'in Chinese, in the letter''s order'

COMMENT ON COLUMN documents.facts IS 'of the case, for the letter''s words'

COMMENT ON COLUMN documents.sha256 IS 'of the canonical fields, with the facts where there are any'

COMMENT ON COLUMN documents.corrects IS 'the document this one corrects (§7)'

COMMENT ON COLUMN documents.duty IS 'the wait that is done once all documents of its kind have left'

COMMENT ON COLUMN documents.number IS '文号, as it is printed'

COMMENT ON COLUMN documents.secret IS 'of the letter''s QR code; random, nowhere else'

COMMENT ON COLUMN documents.series_year IS 'calendar year of making out, Asia/Shanghai'

CREATE TABLE calendar_imports (
    no INTEGER GENERATED ALWAYS AS IDENTITY,
    year INTEGER NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    proposed_by JSONB NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    approved_by JSONB,
    approved_at TIMESTAMP WITH TIME ZONE,
    revision INTEGER,
    CONSTRAINT pk_calendar_imports PRIMARY KEY (no),
    CONSTRAINT ck_calendar_imports_two_people CHECK (approved_by ->> 'sub' <> proposed_by ->> 'sub'),
    CONSTRAINT ck_calendar_imports_approved_whole CHECK ((approved_by is null) = (approved_at is null) and (approved_by is null) = (revision is null)),
    CONSTRAINT fk_calendar_imports_digest FOREIGN KEY(digest) REFERENCES calendar_arrangements (digest),
    CONSTRAINT uq_calendar_imports_revision UNIQUE (revision)
)

COMMENT ON TABLE calendar_imports IS 'announced years that people brought in; append-only but for the approval, given once'

COMMENT ON COLUMN calendar_imports.version IS 'e.g. the number of the State Council''s notice'

COMMENT ON COLUMN calendar_imports.approved_by IS 'never who proposed it'

COMMENT ON COLUMN calendar_imports.revision IS 'counts approvals; a year''s highest is in force'

CREATE TABLE decisions (
    step_id UUID NOT NULL,
    batch_no TEXT NOT NULL,
    accepted BOOLEAN NOT NULL,
    decision JSONB NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_decisions PRIMARY KEY (step_id),
    CONSTRAINT fk_decisions_step_id FOREIGN KEY(step_id) REFERENCES ledger (step_id),
    CONSTRAINT fk_decisions_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

COMMENT ON TABLE decisions IS 'the procedure''s answer to each step; append-only'

CREATE TABLE letters (
    document_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    pdf BYTEA NOT NULL,
    typeset_with TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_letters PRIMARY KEY (document_id),
    CONSTRAINT fk_letters_document_id FOREIGN KEY(document_id) REFERENCES documents (document_id),
    CONSTRAINT uq_letters_sha256 UNIQUE (sha256)
)

COMMENT ON TABLE letters IS 'documents as they are opened: made once, before anybody sees one, and never altered'

COMMENT ON COLUMN letters.sha256 IS 'of the PDF'

COMMENT ON COLUMN letters.typeset_with IS 'digest of compiler, templates and fonts'

CREATE TABLE outbox (
    document_id TEXT NOT NULL,
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    state TEXT NOT NULL,
    channel TEXT,
    detail TEXT,
    handed_over_at TIMESTAMP WITH TIME ZONE,
    refusal JSONB,
    status TEXT DEFAULT 'to_send' NOT NULL,
    posted_on DATE,
    carrier TEXT,
    tracking_no TEXT,
    settled_on DATE,
    failure TEXT,
    came_back_on DATE,
    proof TEXT,
    receipt TEXT,
    CONSTRAINT pk_outbox PRIMARY KEY (document_id),
    CONSTRAINT fk_outbox_document_id FOREIGN KEY(document_id) REFERENCES documents (document_id)
)

CREATE INDEX ix_outbox_failing ON outbox (no) WHERE failure IS NOT NULL

CREATE INDEX ix_outbox_state_no ON outbox (state, no)

CREATE INDEX ix_outbox_tracking_no ON outbox (tracking_no) WHERE tracking_no IS NOT NULL

CREATE INDEX ix_outbox_under_way ON outbox (no) WHERE channel = 'outbox' AND status = 'sent'

COMMENT ON TABLE outbox IS 'what is to leave the house, by which way it left, and what became of it there'

COMMENT ON COLUMN outbox.state IS 'waiting, sent'

COMMENT ON COLUMN outbox.channel IS 'email, platform, website, outbox'

COMMENT ON COLUMN outbox.refusal IS 'why nobody took it in electronically: it went to the post queue instead'

COMMENT ON COLUMN outbox.status IS 'messages.snapshot.DocumentStatus'

COMMENT ON COLUMN outbox.settled_on IS 'delivered, taken by another, returned or announced'

COMMENT ON COLUMN outbox.failure IS 'a sign that it does not arrive, which an officer has not dealt with yet'

COMMENT ON COLUMN outbox.came_back_on IS 'when it was known that the post brought it back'

COMMENT ON COLUMN outbox.receipt IS 'what the platform''s own system answered with'

CREATE TABLE calendar_recounts (
    revision INTEGER NOT NULL,
    batch_no TEXT NOT NULL,
    wait_id TEXT NOT NULL,
    wait JSONB NOT NULL,
    old_last_day DATE NOT NULL,
    new_last_day DATE NOT NULL,
    counted_last_day DATE NOT NULL,
    told BOOLEAN NOT NULL,
    recounted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_calendar_recounts PRIMARY KEY (revision, batch_no, wait_id),
    CONSTRAINT fk_calendar_recounts_revision FOREIGN KEY(revision) REFERENCES calendar_imports (revision),
    CONSTRAINT fk_calendar_recounts_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

COMMENT ON TABLE calendar_recounts IS 'the account of an import: every open deadline that was counted again on it; append-only'

COMMENT ON COLUMN calendar_recounts.wait IS 'as it stood afterwards'

COMMENT ON COLUMN calendar_recounts.counted_last_day IS 'earlier than the new one where that was kept'

COMMENT ON COLUMN calendar_recounts.told IS 'a letter that names the old day had left'

CREATE TABLE checkpoints (
    no INTEGER NOT NULL,
    day DATE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_checkpoints PRIMARY KEY (no),
    CONSTRAINT uq_checkpoints_day UNIQUE (day)
)

COMMENT ON TABLE checkpoints IS 'one a day at most; append-only'

COMMENT ON COLUMN checkpoints.no IS 'from 1, without a gap'

COMMENT ON COLUMN checkpoints.day IS 'on which it was made, Asia/Shanghai'

COMMENT ON COLUMN checkpoints.size IS 'how many heads'

COMMENT ON COLUMN checkpoints.root IS 'of the Merkle tree (RFC 6962) over the heads, hexadecimal'

COMMENT ON COLUMN checkpoints.note IS 'the signed note, which names the one before by its digest'

CREATE TABLE checkpoint_heads (
    batch_no TEXT NOT NULL,
    no INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_checkpoint_heads PRIMARY KEY (batch_no, no),
    CONSTRAINT fk_checkpoint_heads_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no),
    CONSTRAINT fk_checkpoint_heads_no FOREIGN KEY(no) REFERENCES checkpoints (no)
)

COMMENT ON TABLE checkpoint_heads IS 'the head of a batch''s timeline, at the first checkpoint that had it; append-only'

CREATE TABLE checkpoint_stamps (
    no INTEGER NOT NULL,
    authority TEXT NOT NULL,
    token BYTEA NOT NULL,
    stamped_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_checkpoint_stamps PRIMARY KEY (no),
    CONSTRAINT fk_checkpoint_stamps_no FOREIGN KEY(no) REFERENCES checkpoints (no)
)

COMMENT ON TABLE checkpoint_stamps IS 'time stamps of the signed notes; append-only'

COMMENT ON COLUMN checkpoint_stamps.token IS 'the authority''s whole answer (RFC 3161), DER'

COMMENT ON COLUMN checkpoint_stamps.stamped_at IS 'as the authority says'

CREATE TABLE checkpoint_mails (
    no INTEGER NOT NULL,
    sent_to TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_checkpoint_mails PRIMARY KEY (no),
    CONSTRAINT fk_checkpoint_mails_no FOREIGN KEY(no) REFERENCES checkpoints (no)
)

COMMENT ON TABLE checkpoint_mails IS 'which checkpoints have been mailed; append-only'

CREATE TABLE uploads (
    upload_id UUID NOT NULL,
    batch_no TEXT NOT NULL,
    filename TEXT NOT NULL,
    size BIGINT NOT NULL,
    declared_sha256 TEXT,
    keeper TEXT NOT NULL,
    actor JSONB NOT NULL,
    profile TEXT NOT NULL,
    root_key TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    received BIGINT DEFAULT '0' NOT NULL,
    rest BYTEA,
    media_type TEXT,
    sha256 TEXT,
    sm3 TEXT,
    touched_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_uploads PRIMARY KEY (upload_id),
    CONSTRAINT fk_uploads_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_uploads_batch_no ON uploads (batch_no)

CREATE INDEX ix_uploads_touched_at ON uploads (touched_at)

COMMENT ON TABLE uploads IS 'files that are still coming in; a row goes when its file is kept or given up'

COMMENT ON COLUMN uploads.declared_sha256 IS 'what the sender says that the whole file''s is'

COMMENT ON COLUMN uploads.root_key IS 'the name of the root key that wraps the file''s own'

COMMENT ON COLUMN uploads.sealed_key IS 'the file''s own key, wrapped'

COMMENT ON COLUMN uploads.received IS 'on the disk for certain'

COMMENT ON COLUMN uploads.rest IS 'the beginning of a chunk that is not whole yet, sealed'

COMMENT ON COLUMN uploads.media_type IS 'by its bytes, known with the first chunk'

COMMENT ON COLUMN uploads.sha256 IS 'of the whole file, once it has come'

CREATE TABLE evidence_disposals (
    no INTEGER GENERATED ALWAYS AS IDENTITY,
    batch_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_by JSONB NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    approved_by JSONB,
    approved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_evidence_disposals PRIMARY KEY (no),
    CONSTRAINT ck_evidence_disposals_two_people CHECK (approved_by ->> 'sub' <> proposed_by ->> 'sub'),
    CONSTRAINT ck_evidence_disposals_approved_whole CHECK ((approved_by is null) = (approved_at is null)),
    CONSTRAINT fk_evidence_disposals_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE UNIQUE INDEX ix_evidence_disposals_open ON evidence_disposals (batch_no) WHERE approved_at IS NULL

COMMENT ON TABLE evidence_disposals IS 'the end of a batch''s files, by two people; append-only but for the approval, given once'

COMMENT ON COLUMN evidence_disposals.approved_by IS 'never who proposed it'

CREATE TABLE evidence_holds (
    no INTEGER GENERATED ALWAYS AS IDENTITY,
    batch_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    placed_by JSONB NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lifted_by JSONB,
    lifted_reason TEXT,
    lifted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_evidence_holds PRIMARY KEY (no),
    CONSTRAINT fk_evidence_holds_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE UNIQUE INDEX ix_evidence_holds_open ON evidence_holds (batch_no) WHERE lifted_at IS NULL

COMMENT ON TABLE evidence_holds IS 'why a batch''s files are kept longer; append-only but for the lifting, once'

CREATE TABLE evidence_watches (
    batch_no TEXT NOT NULL,
    looked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended BOOLEAN NOT NULL,
    CONSTRAINT pk_evidence_watches PRIMARY KEY (batch_no),
    CONSTRAINT fk_evidence_watches_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

COMMENT ON TABLE evidence_watches IS 'closed batches whose evidence a workflow watches over; no legal record'

CREATE TABLE evidence (
    evidence_id UUID NOT NULL,
    batch_no TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sm3 TEXT,
    size BIGINT NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    profile TEXT NOT NULL,
    root_key TEXT NOT NULL,
    sealed_key BYTEA,
    uploaded_by JSONB NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disposal_no INTEGER,
    CONSTRAINT pk_evidence PRIMARY KEY (evidence_id),
    CONSTRAINT ck_evidence_key_until_disposal CHECK ((sealed_key is null) = (disposal_no is not null)),
    CONSTRAINT uq_evidence_batch_no_sha256 UNIQUE (batch_no, sha256),
    CONSTRAINT fk_evidence_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no),
    CONSTRAINT fk_evidence_disposal_no FOREIGN KEY(disposal_no) REFERENCES evidence_disposals (no)
)

CREATE INDEX ix_evidence_sha256 ON evidence (sha256)

COMMENT ON TABLE evidence IS 'files that are kept whole; append-only but for the disposal, once'

COMMENT ON COLUMN evidence.evidence_id IS 'of the upload, and of the sealed file'

COMMENT ON COLUMN evidence.sm3 IS 'in the profile sm'

COMMENT ON COLUMN evidence.media_type IS 'by its bytes'

COMMENT ON COLUMN evidence.sealed_key IS 'null once the file has been disposed of'

COMMENT ON COLUMN evidence.received_at IS 'by the batch''s ledger clock'

CREATE TABLE evidence_keepers (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    evidence_id UUID NOT NULL,
    keeper TEXT NOT NULL,
    reason TEXT NOT NULL,
    named_by JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evidence_keepers PRIMARY KEY (no),
    CONSTRAINT fk_evidence_keepers_evidence_id FOREIGN KEY(evidence_id) REFERENCES evidence (evidence_id)
)

CREATE INDEX ix_evidence_keepers_evidence_id_no ON evidence_keepers (evidence_id, no)

COMMENT ON TABLE evidence_keepers IS 'who keeps a file from when on; append-only'

COMMENT ON COLUMN evidence_keepers.at IS 'by the batch''s ledger clock'

CREATE TABLE evidence_places (
    place TEXT NOT NULL,
    noted_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_evidence_places PRIMARY KEY (place)
)

COMMENT ON TABLE evidence_places IS 'where sealed files may lie beside the place of the settings, while they are moved'

COMMENT ON COLUMN evidence_places.place IS 'a folder or s3://BUCKET/PREFIX'

CREATE TABLE evidence_checks (
    evidence_id UUID NOT NULL,
    place TEXT NOT NULL,
    looked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    condition TEXT NOT NULL,
    whole_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_evidence_checks PRIMARY KEY (evidence_id, place),
    CONSTRAINT fk_evidence_checks_evidence_id FOREIGN KEY(evidence_id) REFERENCES evidence (evidence_id)
)

CREATE INDEX ix_evidence_checks_bad ON evidence_checks (condition) WHERE condition <> 'whole'

COMMENT ON TABLE evidence_checks IS 'how each file was when it was last read again, in each place; what changed is on the timeline'

COMMENT ON COLUMN evidence_checks.condition IS 'whole, missing, altered, unreadable'

COMMENT ON COLUMN evidence_checks.whole_at IS 'when it was last found whole'

-- A row of these is never touched again, whoever asks.
CREATE FUNCTION choujian_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
begin
    raise exception '% is append-only: % is not allowed', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end $$

-- Only the named column may be set, and only once.
CREATE FUNCTION choujian_only_once() RETURNS trigger LANGUAGE plpgsql AS $$
begin
    if to_jsonb(new) - tg_argv[0] <> to_jsonb(old) - tg_argv[0]
        or to_jsonb(old) -> tg_argv[0] <> 'null'::jsonb
    then
        raise exception '% is append-only: only % may be set, once', tg_table_name, tg_argv[0]
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$

-- Only the named columns may be set, together and once: the first of them is null before, and not afterwards.
CREATE FUNCTION choujian_together_once() RETURNS trigger LANGUAGE plpgsql AS $$
begin
    if to_jsonb(new) - tg_argv <> to_jsonb(old) - tg_argv or to_jsonb(old) -> tg_argv[0] <> 'null'::jsonb
        or to_jsonb(new) -> tg_argv[0] = 'null'::jsonb
    then
        raise exception '% is append-only: only % may be set, once', tg_table_name, tg_argv
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$

-- A file's key is wrapped under another root key, or goes with the disposal, for good.
CREATE FUNCTION choujian_key_only() RETURNS trigger LANGUAGE plpgsql AS $$
begin
    if to_jsonb(new) - array['disposal_no', 'sealed_key', 'root_key']
        <> to_jsonb(old) - array['disposal_no', 'sealed_key', 'root_key'] or old.disposal_no is not null
        or new.disposal_no is null and new.root_key = old.root_key
    then
        raise exception '% is append-only: a key is wrapped anew, or disposed of once', tg_table_name
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$

CREATE FUNCTION choujian_approved_once() RETURNS trigger LANGUAGE plpgsql AS $$
begin
    if to_jsonb(new) - array['approved_by', 'approved_at', 'revision']
        <> to_jsonb(old) - array['approved_by', 'approved_at', 'revision'] or old.approved_by is not null
    then
        raise exception '% is append-only: only the approval may be given, once', tg_table_name
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$

CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON timeline
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER timeline_no_truncate BEFORE TRUNCATE ON timeline
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER decisions_no_truncate BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER letters_append_only BEFORE UPDATE OR DELETE ON letters
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER letters_no_truncate BEFORE TRUNCATE ON letters
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER calendar_arrangements_append_only BEFORE UPDATE OR DELETE ON calendar_arrangements
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER calendar_arrangements_no_truncate BEFORE TRUNCATE ON calendar_arrangements
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER calendar_recounts_append_only BEFORE UPDATE OR DELETE ON calendar_recounts
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER calendar_recounts_no_truncate BEFORE TRUNCATE ON calendar_recounts
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER ledger_append_only BEFORE DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER ledger_only_once BEFORE UPDATE ON ledger
    FOR EACH ROW EXECUTE FUNCTION choujian_only_once('signalled_at')

CREATE TRIGGER documents_append_only BEFORE DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER documents_no_truncate BEFORE TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER documents_only_once BEFORE UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION choujian_only_once('sent_at')

CREATE TRIGGER calendar_imports_append_only BEFORE DELETE ON calendar_imports
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER calendar_imports_no_truncate BEFORE TRUNCATE ON calendar_imports
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER calendar_imports_approved_once BEFORE UPDATE ON calendar_imports
    FOR EACH ROW EXECUTE FUNCTION choujian_approved_once()

CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER revoked_tokens_append_only BEFORE UPDATE OR DELETE ON revoked_tokens
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER revoked_tokens_no_truncate BEFORE TRUNCATE ON revoked_tokens
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER displaced_append_only BEFORE DELETE ON displaced
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER displaced_no_truncate BEFORE TRUNCATE ON displaced
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoints_append_only BEFORE UPDATE OR DELETE ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoints_no_truncate BEFORE TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoint_heads_append_only BEFORE UPDATE OR DELETE ON checkpoint_heads
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoint_heads_no_truncate BEFORE TRUNCATE ON checkpoint_heads
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoint_stamps_append_only BEFORE UPDATE OR DELETE ON checkpoint_stamps
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoint_stamps_no_truncate BEFORE TRUNCATE ON checkpoint_stamps
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoint_mails_append_only BEFORE UPDATE OR DELETE ON checkpoint_mails
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER checkpoint_mails_no_truncate BEFORE TRUNCATE ON checkpoint_mails
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_append_only BEFORE DELETE ON evidence
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_key_only BEFORE UPDATE ON evidence
    FOR EACH ROW EXECUTE FUNCTION choujian_key_only()

CREATE TRIGGER evidence_holds_append_only BEFORE DELETE ON evidence_holds
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_holds_no_truncate BEFORE TRUNCATE ON evidence_holds
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_holds_lifted_once BEFORE UPDATE ON evidence_holds
    FOR EACH ROW EXECUTE FUNCTION choujian_together_once('lifted_at', 'lifted_by', 'lifted_reason')

CREATE TRIGGER evidence_disposals_append_only BEFORE DELETE ON evidence_disposals
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_disposals_no_truncate BEFORE TRUNCATE ON evidence_disposals
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_disposals_approved_once BEFORE UPDATE ON evidence_disposals
    FOR EACH ROW EXECUTE FUNCTION choujian_together_once('approved_at', 'approved_by')

CREATE TRIGGER evidence_no_truncate BEFORE TRUNCATE ON evidence
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_keepers_append_only BEFORE UPDATE OR DELETE ON evidence_keepers
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_keepers_no_truncate BEFORE TRUNCATE ON evidence_keepers
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

-- What the services may, a line for each table: they own nothing, so that append-only is a right they lack and no trigger
-- that they could switch off. Inserted is only what grows, updated only a column that changes, deleted nothing.
DO $$ begin
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO choujian;
    GRANT INSERT, UPDATE (last) ON counters TO choujian;
    GRANT INSERT, UPDATE (started_at, version, snapshot, kept, phase, outcome, laboratory, retest_laboratory, last_seq,
        last_hash, trademarks, spec_model, clock_ahead, last_position, last_stamp, acts_at, decided_to) ON batches TO choujian;
    GRANT INSERT ON batch_search TO choujian;
    GRANT INSERT, UPDATE (signalled_at) ON ledger TO choujian;
    GRANT INSERT ON decisions TO choujian;
    GRANT INSERT ON timeline TO choujian;
    GRANT INSERT, UPDATE (state, wait, step, kind, owed_by, role, party, last_day, due, overdue_from, provisional,
        rests_on, trace, counted_on, reminded, opened_at, ended_at) ON waits TO choujian;
    GRANT INSERT, UPDATE (sent_at) ON documents TO choujian;
    GRANT INSERT, UPDATE (last) ON document_series TO choujian;
    GRANT INSERT ON letters TO choujian;
    GRANT INSERT, UPDATE (state, channel, detail, handed_over_at, refusal, status, posted_on, carrier, tracking_no,
        settled_on, failure, came_back_on, proof, receipt) ON outbox TO choujian;
    GRANT INSERT, UPDATE (state, settled_at) ON alerts TO choujian;
    GRANT INSERT ON calendar_arrangements TO choujian;
    GRANT INSERT, UPDATE (approved_by, approved_at, revision) ON calendar_imports TO choujian;
    GRANT INSERT ON calendar_recounts TO choujian;
    GRANT INSERT ON access_log TO choujian;
    GRANT INSERT ON revoked_tokens TO choujian;
    GRANT INSERT ON checkpoints TO choujian;
    GRANT INSERT ON checkpoint_heads TO choujian;
    GRANT INSERT ON checkpoint_stamps TO choujian;
    GRANT INSERT ON checkpoint_mails TO choujian;
    GRANT INSERT, UPDATE (reason, times, again_at), DELETE ON set_aside TO choujian;
    GRANT INSERT, UPDATE (at, state, detail) ON heartbeats TO choujian;
    GRANT INSERT, UPDATE (dealt_with_at, note) ON displaced TO choujian;
    GRANT INSERT, UPDATE (dealt_with_at, dealt_with_by, note) ON unread_mails TO choujian;
    GRANT INSERT, UPDATE (received, rest, media_type, sha256, sm3, touched_at, root_key, sealed_key), DELETE
        ON uploads TO choujian;
    GRANT INSERT, UPDATE (sealed_key, root_key, disposal_no) ON evidence TO choujian;
    GRANT INSERT, UPDATE (looked_at, ended) ON evidence_watches TO choujian;
    GRANT INSERT, UPDATE (lifted_by, lifted_reason, lifted_at) ON evidence_holds TO choujian;
    GRANT INSERT, UPDATE (approved_by, approved_at) ON evidence_disposals TO choujian;
    GRANT INSERT ON evidence_keepers TO choujian;
    GRANT INSERT, DELETE ON evidence_places TO choujian;
    GRANT INSERT, UPDATE (looked_at, condition, whole_at), DELETE ON evidence_checks TO choujian;
end $$
