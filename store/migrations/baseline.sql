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

CREATE TABLE accounts (
    sub TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    laboratory TEXT,
    password TEXT,
    totp BYTEA,
    totp_used BIGINT DEFAULT '0' NOT NULL,
    external TEXT,
    failures INTEGER DEFAULT '0' NOT NULL,
    failed_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (sub),
    CONSTRAINT ck_accounts_laboratory_of_lab CHECK ((role = 'lab') = (laboratory is not null)),
    CONSTRAINT uq_accounts_external UNIQUE (external)
)

COMMENT ON TABLE accounts IS 'who may sign in at the console'

COMMENT ON COLUMN accounts.sub IS 'the account, as it stands in the ledger'

COMMENT ON COLUMN accounts.laboratory IS 'of laboratory staff'

COMMENT ON COLUMN accounts.password IS 'Argon2id, as PHC string; null: none was set'

COMMENT ON COLUMN accounts.totp IS 'the secret of the second factor, sealed; null: none was set'

COMMENT ON COLUMN accounts.totp_used IS 'the last period used'

COMMENT ON COLUMN accounts.external IS 'issuer and subject at the bureau''s provider'

COMMENT ON COLUMN accounts.failures IS 'since the last success'

COMMENT ON COLUMN accounts.ended_at IS 'it cannot be used any more'

CREATE TABLE account_units (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    sub TEXT NOT NULL,
    holds_from DATE NOT NULL,
    unit TEXT NOT NULL,
    bureau TEXT,
    by_sub TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_account_units PRIMARY KEY (no),
    CONSTRAINT fk_account_units_sub FOREIGN KEY(sub) REFERENCES accounts (sub)
)

CREATE INDEX ix_account_units_sub ON account_units (sub, holds_from)

COMMENT ON TABLE account_units IS 'where staff belong, from which day on; append-only'

COMMENT ON COLUMN account_units.holds_from IS 'Asia/Shanghai, this day included'

COMMENT ON COLUMN account_units.unit IS 'the office that it belongs to'

COMMENT ON COLUMN account_units.bureau IS 'code of a subordinate bureau; null: this one, or a laboratory'

CREATE TABLE account_changes (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    sub TEXT NOT NULL,
    by_sub TEXT NOT NULL,
    by_name TEXT NOT NULL,
    what TEXT NOT NULL,
    detail JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_account_changes PRIMARY KEY (no)
)

CREATE INDEX ix_account_changes_sub ON account_changes (sub)

COMMENT ON TABLE account_changes IS 'what was done with accounts, and by whom; append-only'

COMMENT ON COLUMN account_changes.sub IS 'whose account'

CREATE TABLE sign_in_links (
    digest BYTEA NOT NULL,
    sub TEXT NOT NULL,
    kind TEXT NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sign_in_links PRIMARY KEY (digest),
    CONSTRAINT ck_sign_in_links_kind CHECK (kind in ('once', 'invitation')),
    CONSTRAINT fk_sign_in_links_sub FOREIGN KEY(sub) REFERENCES accounts (sub)
)

COMMENT ON TABLE sign_in_links IS 'links that are good once'

COMMENT ON COLUMN sign_in_links.digest IS 'SHA-256 of what stands in the link'

COMMENT ON COLUMN sign_in_links.kind IS 'once: signs in; invitation: sets password and second factor'

CREATE TABLE deputies (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    deputy TEXT NOT NULL,
    stands_in_for TEXT NOT NULL,
    from_day DATE NOT NULL,
    to_day DATE NOT NULL,
    by_sub TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_deputies PRIMARY KEY (no),
    CONSTRAINT ck_deputies_in_order CHECK (from_day <= to_day),
    CONSTRAINT ck_deputies_another CHECK (deputy <> stands_in_for),
    CONSTRAINT fk_deputies_deputy FOREIGN KEY(deputy) REFERENCES accounts (sub),
    CONSTRAINT fk_deputies_stands_in_for FOREIGN KEY(stands_in_for) REFERENCES accounts (sub)
)

CREATE INDEX ix_deputies_deputy ON deputies (deputy)

COMMENT ON TABLE deputies IS 'who acts in whose role, and on which days'

COMMENT ON COLUMN deputies.from_day IS 'Asia/Shanghai, this day included'

COMMENT ON COLUMN deputies.to_day IS 'this day included'

COMMENT ON COLUMN deputies.ended_at IS 'taken back before its time'

CREATE TABLE sessions (
    digest BYTEA NOT NULL,
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    sub TEXT NOT NULL,
    deputises BIGINT,
    how TEXT NOT NULL,
    agent TEXT NOT NULL,
    client TEXT NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sessions PRIMARY KEY (digest),
    CONSTRAINT uq_sessions_no UNIQUE (no),
    CONSTRAINT fk_sessions_sub FOREIGN KEY(sub) REFERENCES accounts (sub),
    CONSTRAINT fk_sessions_deputises FOREIGN KEY(deputises) REFERENCES deputies (no)
)

CREATE INDEX ix_sessions_sub ON sessions (sub)

COMMENT ON TABLE sessions IS 'who is signed in, from where, since when'

COMMENT ON COLUMN sessions.digest IS 'SHA-256 of what the browser holds'

COMMENT ON COLUMN sessions.deputises IS 'acts in that role'

COMMENT ON COLUMN sessions.how IS 'password, link, provider'

COMMENT ON COLUMN sessions.agent IS 'what the browser said that it is'

COMMENT ON COLUMN sessions.client IS 'the address that signed in'

COMMENT ON COLUMN sessions.ends_at IS 'however busy it is'

COMMENT ON COLUMN sessions.ended_at IS 'signed out or revoked'

CREATE TABLE drafts (
    sub TEXT NOT NULL,
    place TEXT NOT NULL,
    fields JSONB NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_drafts PRIMARY KEY (sub, place)
)

COMMENT ON TABLE drafts IS 'forms that somebody has begun, answers to their last lists; no part of the record'

COMMENT ON COLUMN drafts.place IS 'the address of the form or answer'

COMMENT ON COLUMN drafts.fields IS 'what stood in it'

CREATE TABLE holders (
    batch_no TEXT NOT NULL,
    sub TEXT NOT NULL,
    name TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_holders PRIMARY KEY (batch_no),
    CONSTRAINT fk_holders_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_holders_sub ON holders (sub)

COMMENT ON TABLE holders IS 'who has a batch in hand now'

CREATE TABLE handovers (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    batch_no TEXT NOT NULL,
    sub TEXT,
    name TEXT,
    by_sub TEXT NOT NULL,
    by_name TEXT NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_handovers PRIMARY KEY (no),
    CONSTRAINT fk_handovers_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_handovers_batch_no ON handovers (batch_no)

COMMENT ON TABLE handovers IS 'who took a batch in hand or handed it on; append-only'

COMMENT ON COLUMN handovers.sub IS 'who has it from then on; null: nobody'

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

-- A text's single characters, pairs and triples: by them a piece of it is found, in Chinese as well.
CREATE FUNCTION choujian_terms(sought TEXT) RETURNS TEXT[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
declare
    terms TEXT[] := '{}';
begin
    for at in 1 .. length(sought) loop
        terms := terms || substr(sought, at, 1) || substr(sought, at, 2) || substr(sought, at, 3);
    end loop;
    return terms;
end $$

CREATE TABLE batch_search (
    batch_no TEXT NOT NULL,
    kind TEXT NOT NULL,
    sought TEXT NOT NULL,
    document_id TEXT NOT NULL,
    said TEXT NOT NULL,
    CONSTRAINT pk_batch_search PRIMARY KEY (batch_no, kind, sought, document_id),
    CONSTRAINT fk_batch_search_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_batch_search_terms ON batch_search USING gin (choujian_terms(sought))

COMMENT ON TABLE batch_search IS 'numbers and names by which a batch is found, as its record stands'

COMMENT ON COLUMN batch_search.kind IS 'messages.found.FoundKind'

COMMENT ON COLUMN batch_search.sought IS 'law.names.sought of what is said'

COMMENT ON COLUMN batch_search.document_id IS 'of the letter that it belongs to; else empty'

COMMENT ON COLUMN batch_search.said IS 'as written'

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

CREATE INDEX ix_waits_open_role_due ON waits (role, due, batch_no, wait_id) WHERE state = 'open'

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

CREATE TABLE approvals (
    no INTEGER GENERATED ALWAYS AS IDENTITY,
    matter TEXT NOT NULL,
    subject TEXT NOT NULL,
    proposed_by JSONB NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_by JSONB,
    decided_at TIMESTAMP WITH TIME ZONE,
    verdict TEXT,
    remarks TEXT,
    CONSTRAINT pk_approvals PRIMARY KEY (no),
    CONSTRAINT ck_approvals_two_people CHECK (decided_by ->> 'sub' <> proposed_by ->> 'sub'),
    CONSTRAINT ck_approvals_decided_whole CHECK ((decided_by is null) = (decided_at is null) and (decided_by is null) = (verdict is null))
)

CREATE UNIQUE INDEX ix_approvals_open ON approvals (matter, subject) WHERE decided_at IS NULL

COMMENT ON TABLE approvals IS 'who proposed what and who decided on it; append-only but for the decision, given once'

COMMENT ON COLUMN approvals.matter IS 'messages.approvals.Matter'

COMMENT ON COLUMN approvals.subject IS 'which import, batch, plan or scheme'

COMMENT ON COLUMN approvals.decided_by IS 'never who proposed it'

COMMENT ON COLUMN approvals.verdict IS 'approved, returned'

CREATE TABLE calendar_imports (
    no INTEGER NOT NULL,
    year INTEGER NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    approval_no INTEGER NOT NULL,
    revision INTEGER,
    CONSTRAINT pk_calendar_imports PRIMARY KEY (no),
    CONSTRAINT fk_calendar_imports_digest FOREIGN KEY(digest) REFERENCES calendar_arrangements (digest),
    CONSTRAINT uq_calendar_imports_approval_no UNIQUE (approval_no),
    CONSTRAINT fk_calendar_imports_approval_no FOREIGN KEY(approval_no) REFERENCES approvals (no),
    CONSTRAINT uq_calendar_imports_revision UNIQUE (revision)
)

COMMENT ON TABLE calendar_imports IS 'announced years that people brought in; append-only but for the revision, given once'

COMMENT ON COLUMN calendar_imports.version IS 'e.g. the number of the State Council''s notice'

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
    served BOOLEAN NOT NULL,
    queue TEXT GENERATED ALWAYS AS (CASE WHEN status = ANY (ARRAY['to_send'::text, 'sent'::text]) AND channel = 'outbox'::text AND posted_on IS NULL THEN 'to_post'::text WHEN status = 'sent'::text AND served THEN 'no_answer_yet'::text ELSE NULL::text END) STORED,
    CONSTRAINT pk_outbox PRIMARY KEY (document_id),
    CONSTRAINT fk_outbox_document_id FOREIGN KEY(document_id) REFERENCES documents (document_id)
)

CREATE INDEX ix_outbox_failing ON outbox (no) WHERE failure IS NOT NULL

CREATE INDEX ix_outbox_no ON outbox (no)

CREATE INDEX ix_outbox_queue_no ON outbox (queue, no) WHERE queue IS NOT NULL

CREATE INDEX ix_outbox_state_no ON outbox (state, no)

CREATE INDEX ix_outbox_status_no ON outbox (status, no)

CREATE INDEX ix_outbox_tracking_no ON outbox (tracking_no) WHERE tracking_no IS NOT NULL

COMMENT ON TABLE outbox IS 'what is to leave the house, by which way it left, and what became of it there'

COMMENT ON COLUMN outbox.state IS 'waiting, sent'

COMMENT ON COLUMN outbox.channel IS 'email, platform, website, outbox'

COMMENT ON COLUMN outbox.refusal IS 'why nobody took it in electronically: it went to the post queue instead'

COMMENT ON COLUMN outbox.status IS 'messages.snapshot.DocumentStatus'

COMMENT ON COLUMN outbox.settled_on IS 'delivered, taken by another, returned or announced'

COMMENT ON COLUMN outbox.failure IS 'a sign that it does not arrive, which an officer has not dealt with yet'

COMMENT ON COLUMN outbox.came_back_on IS 'when it was known that the post brought it back'

COMMENT ON COLUMN outbox.receipt IS 'what the platform''s own system answered with'

COMMENT ON COLUMN outbox.served IS 'whether it is recorded that it arrived'

COMMENT ON COLUMN outbox.queue IS 'to_post: people are to hand it over, and nobody has yet; no_answer_yet: it has left'

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
    approval_no INTEGER NOT NULL,
    CONSTRAINT pk_evidence_disposals PRIMARY KEY (no),
    CONSTRAINT fk_evidence_disposals_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no),
    CONSTRAINT uq_evidence_disposals_approval_no UNIQUE (approval_no),
    CONSTRAINT fk_evidence_disposals_approval_no FOREIGN KEY(approval_no) REFERENCES approvals (no)
)

CREATE INDEX ix_evidence_disposals_batch_no ON evidence_disposals (batch_no)

COMMENT ON TABLE evidence_disposals IS 'the end of a batch''s files, by two people; append-only'

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

CREATE TABLE register_entries (
    register TEXT NOT NULL,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    sample BOOLEAN NOT NULL,
    CONSTRAINT pk_register_entries PRIMARY KEY (register, code),
    CONSTRAINT uq_register_entries_register_code_key UNIQUE (register, code_key)
)

COMMENT ON TABLE register_entries IS 'one legal person each; append-only'

COMMENT ON COLUMN register_entries.code_key IS 'folded: LAB-01 and lab01 are one code'

COMMENT ON COLUMN register_entries.sample IS 'of the sample bureau, to be tried out'

CREATE TABLE register_versions (
    register TEXT NOT NULL,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    holds_from DATE NOT NULL,
    ended BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT,
    registration TEXT,
    registration_key TEXT,
    entry JSONB NOT NULL,
    entry_sha256 TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_by JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    content TEXT NOT NULL,
    terms TEXT[] NOT NULL,
    CONSTRAINT pk_register_versions PRIMARY KEY (register, code, version),
    CONSTRAINT fk_register_versions_entry FOREIGN KEY(register, code) REFERENCES register_entries (register, code)
)

CREATE INDEX ix_register_versions_register_code_holds_from_version ON register_versions (register, code, holds_from, version)

CREATE INDEX ix_register_versions_register_name_key ON register_versions (register, name_key) WHERE name_key IS NOT NULL

CREATE INDEX ix_register_versions_register_registration_key ON register_versions (register, registration_key) WHERE registration_key IS NOT NULL

CREATE INDEX ix_register_versions_terms ON register_versions USING gin (terms)

COMMENT ON TABLE register_versions IS 'on a day holds the version with the latest day, of these the one recorded last; append-only'

COMMENT ON COLUMN register_versions.version IS 'in the order of recording'

COMMENT ON COLUMN register_versions.ended IS 'from that day on there is no such entry'

COMMENT ON COLUMN register_versions.name_key IS 'folded; null for natural persons, who may share a name'

COMMENT ON COLUMN register_versions.registration_key IS 'folded; null: unknown'

COMMENT ON COLUMN register_versions.content IS 'what people look for, folded'

COMMENT ON COLUMN register_versions.terms IS 'its single characters and pairs of characters'

CREATE TABLE planned (
    id TEXT NOT NULL,
    matter TEXT NOT NULL,
    plan_id TEXT,
    scheme_id TEXT,
    replaces TEXT,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    key UUID,
    sample BOOLEAN NOT NULL,
    CONSTRAINT pk_planned PRIMARY KEY (id),
    CONSTRAINT uq_planned_matter_year_number UNIQUE (matter, year, number),
    CONSTRAINT fk_planned_plan_id FOREIGN KEY(plan_id) REFERENCES planned (id),
    CONSTRAINT fk_planned_scheme_id FOREIGN KEY(scheme_id) REFERENCES planned (id),
    CONSTRAINT fk_planned_replaces FOREIGN KEY(replaces) REFERENCES planned (id),
    CONSTRAINT uq_planned_key UNIQUE (key)
)

CREATE INDEX ix_planned_plan_id ON planned (plan_id) WHERE plan_id IS NOT NULL

CREATE INDEX ix_planned_scheme_id ON planned (scheme_id) WHERE scheme_id IS NOT NULL

COMMENT ON TABLE planned IS 'plans, schemes and commissions; append-only'

COMMENT ON COLUMN planned.matter IS 'plan, scheme, commission'

COMMENT ON COLUMN planned.plan_id IS 'of a scheme'

COMMENT ON COLUMN planned.scheme_id IS 'of a commission'

COMMENT ON COLUMN planned.replaces IS 'of a commission: which ends when it is approved'

COMMENT ON COLUMN planned.year IS 'calendar year of drafting, Asia/Shanghai'

COMMENT ON COLUMN planned.key IS 'Idempotency-Key of the first draft'

COMMENT ON COLUMN planned.sample IS 'of the sample bureau, to be tried out'

CREATE TABLE planned_versions (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    content JSONB NOT NULL,
    content_sha256 TEXT NOT NULL,
    reason TEXT,
    drafted_by JSONB NOT NULL,
    drafted_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    searched TEXT NOT NULL,
    approval_no INTEGER,
    CONSTRAINT pk_planned_versions PRIMARY KEY (id, version),
    CONSTRAINT fk_planned_versions_id FOREIGN KEY(id) REFERENCES planned (id),
    CONSTRAINT uq_planned_versions_approval_no UNIQUE (approval_no),
    CONSTRAINT fk_planned_versions_approval_no FOREIGN KEY(approval_no) REFERENCES approvals (no)
)

COMMENT ON TABLE planned_versions IS 'every draft; the last approved is in force; append-only but for the approval asked for, once'

COMMENT ON COLUMN planned_versions.searched IS 'what people look for, folded'

COMMENT ON COLUMN planned_versions.approval_no IS 'null: not submitted'

CREATE TABLE planned_papers (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    number TEXT NOT NULL,
    facts JSON NOT NULL,
    made_out_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_planned_papers PRIMARY KEY (id, version),
    CONSTRAINT fk_planned_papers_version FOREIGN KEY(id, version) REFERENCES planned_versions (id, version),
    CONSTRAINT uq_planned_papers_number UNIQUE (number)
)

COMMENT ON TABLE planned_papers IS 'what was approved, as a paper with its number; append-only'

COMMENT ON COLUMN planned_papers.number IS '文号, as it is printed'

COMMENT ON COLUMN planned_papers.facts IS 'of which the letter is made'

CREATE TABLE planned_letters (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    pdf BYTEA NOT NULL,
    typeset_with TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_planned_letters PRIMARY KEY (id, version),
    CONSTRAINT fk_planned_letters_paper FOREIGN KEY(id, version) REFERENCES planned_papers (id, version)
)

COMMENT ON TABLE planned_letters IS 'papers as they are opened: made once and never altered'

COMMENT ON COLUMN planned_letters.sha256 IS 'of the PDF'

CREATE TABLE planned_ends (
    id TEXT NOT NULL,
    ended_on DATE NOT NULL,
    reason TEXT NOT NULL,
    ended_by JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_planned_ends PRIMARY KEY (id),
    CONSTRAINT fk_planned_ends_id FOREIGN KEY(id) REFERENCES planned (id)
)

COMMENT ON TABLE planned_ends IS 'plans, schemes and commissions under which nothing is ordered any more; append-only'

CREATE TABLE scheme_uses (
    batch_no TEXT NOT NULL,
    scheme_id TEXT NOT NULL,
    scheme_version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    kind_key TEXT NOT NULL,
    cost NUMERIC(12, 2) NOT NULL,
    laboratory TEXT NOT NULL,
    seller TEXT,
    platform TEXT,
    producer TEXT,
    commission_id TEXT,
    bureau TEXT,
    draw_id TEXT,
    candidate TEXT,
    CONSTRAINT pk_scheme_uses PRIMARY KEY (batch_no),
    CONSTRAINT fk_scheme_uses_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no),
    CONSTRAINT fk_scheme_uses_scheme_id FOREIGN KEY(scheme_id) REFERENCES planned (id),
    CONSTRAINT fk_scheme_uses_commission_id FOREIGN KEY(commission_id) REFERENCES planned (id)
)

CREATE INDEX ix_scheme_uses_bureau ON scheme_uses (bureau) WHERE bureau IS NOT NULL

CREATE INDEX ix_scheme_uses_commission_id ON scheme_uses (commission_id) WHERE commission_id IS NOT NULL

CREATE INDEX ix_scheme_uses_scheme_id_kind_key ON scheme_uses (scheme_id, kind_key)

CREATE INDEX ix_scheme_uses_draw_id ON scheme_uses (draw_id) WHERE draw_id IS NOT NULL

COMMENT ON TABLE scheme_uses IS 'what each batch takes of its scheme; append-only'

COMMENT ON COLUMN scheme_uses.kind IS 'of product, as the scheme names it'

COMMENT ON COLUMN scheme_uses.kind_key IS 'folded'

COMMENT ON COLUMN scheme_uses.cost IS 'in yuan: the purchase and the test'

COMMENT ON COLUMN scheme_uses.seller IS 'code of the register, where the order named one'

COMMENT ON COLUMN scheme_uses.draw_id IS 'from which it was drawn, where the order said so'

COMMENT ON COLUMN scheme_uses.commission_id IS 'under which a subordinate bureau carries it out'

COMMENT ON COLUMN scheme_uses.bureau IS 'code of that bureau; null: the bureau itself'

CREATE TABLE order_runs (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    scheme_id TEXT NOT NULL,
    started_by JSONB NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    total INTEGER NOT NULL,
    unused_columns JSONB NOT NULL,
    CONSTRAINT pk_order_runs PRIMARY KEY (no),
    CONSTRAINT fk_order_runs_scheme_id FOREIGN KEY(scheme_id) REFERENCES planned (id)
)

CREATE INDEX ix_order_runs_scheme_id_no ON order_runs (scheme_id, no)

COMMENT ON TABLE order_runs IS 'lists of orders that were taken in; append-only'

COMMENT ON COLUMN order_runs.total IS 'rows of the list'

CREATE TABLE order_run_rows (
    run_no BIGINT NOT NULL,
    row_no INTEGER NOT NULL,
    status TEXT NOT NULL,
    batch_no TEXT,
    code TEXT,
    reason TEXT,
    answered_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_order_run_rows PRIMARY KEY (run_no, row_no),
    CONSTRAINT fk_order_run_rows_run_no FOREIGN KEY(run_no) REFERENCES order_runs (no),
    CONSTRAINT fk_order_run_rows_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

COMMENT ON TABLE order_run_rows IS 'what became of each row, as soon as it did; append-only'

COMMENT ON COLUMN order_run_rows.row_no IS 'in the file'

COMMENT ON COLUMN order_run_rows.status IS 'ordered, ordered_before, refused, invalid'

CREATE TABLE tallies (
    batch_no TEXT NOT NULL,
    ordered_on DATE NOT NULL,
    scheme_id TEXT,
    kind TEXT NOT NULL,
    product TEXT NOT NULL,
    laboratory TEXT NOT NULL,
    laboratory_name TEXT NOT NULL,
    bureau TEXT,
    platform TEXT,
    district TEXT NOT NULL,
    cost NUMERIC(12, 2),
    bought BOOLEAN NOT NULL,
    sealed BOOLEAN NOT NULL,
    tested BOOLEAN NOT NULL,
    final BOOLEAN NOT NULL,
    outcome TEXT,
    first_verdict TEXT,
    verdict TEXT,
    retested BOOLEAN NOT NULL,
    duties TEXT NOT NULL,
    alike UUID NOT NULL,
    CONSTRAINT pk_tallies PRIMARY KEY (batch_no),
    CONSTRAINT fk_tallies_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

CREATE INDEX ix_tallies_alike ON tallies (alike, ordered_on, scheme_id, batch_no)

CREATE INDEX ix_tallies_ordered_on ON tallies (ordered_on)

CREATE INDEX ix_tallies_scheme_id ON tallies (scheme_id) WHERE scheme_id IS NOT NULL

COMMENT ON TABLE tallies IS 'what each batch counts for, as its record stands; written with it'

COMMENT ON COLUMN tallies.ordered_on IS 'Asia/Shanghai'

COMMENT ON COLUMN tallies.scheme_id IS 'null: the order said everything itself'

COMMENT ON COLUMN tallies.kind IS 'routine, emergency'

COMMENT ON COLUMN tallies.product IS 'kind of product of the scheme, else the goods'' name'

COMMENT ON COLUMN tallies.bureau IS 'subordinate one that carries it out; null: the bureau itself'

COMMENT ON COLUMN tallies.platform IS 'null: sold on none'

COMMENT ON COLUMN tallies.district IS 'of the seller; outside the city province and city'

COMMENT ON COLUMN tallies.cost IS 'of purchase and test in yuan; null: the order named no scheme'

COMMENT ON COLUMN tallies.tested IS 'the bureau has the report'

COMMENT ON COLUMN tallies.verdict IS 'the final one'

COMMENT ON COLUMN tallies.duties IS 'how often each was done in time and late, as JSON'

COMMENT ON COLUMN tallies.alike IS 'digest of all that counts but the day: the same for batches alike'

CREATE TABLE quality_entries (
    batch_no TEXT NOT NULL,
    no INTEGER NOT NULL,
    content JSONB NOT NULL,
    sha256 TEXT NOT NULL,
    rebuilt BOOLEAN NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_quality_entries PRIMARY KEY (batch_no, no),
    CONSTRAINT fk_quality_entries_batch_no FOREIGN KEY(batch_no) REFERENCES batches (batch_no)
)

COMMENT ON TABLE quality_entries IS 'what was said of each final result, and after it was put right; append-only'

COMMENT ON COLUMN quality_entries.no IS 'the last one holds'

COMMENT ON COLUMN quality_entries.content IS 'messages.quality.QualityEntry'

COMMENT ON COLUMN quality_entries.sha256 IS 'of the canonical content'

COMMENT ON COLUMN quality_entries.rebuilt IS 'by the command, and not with the batch''s record'

COMMENT ON COLUMN quality_entries.at IS 'by the batch''s clock'

CREATE TABLE quality_subjects (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    batch_no TEXT NOT NULL,
    no INTEGER NOT NULL,
    holds BOOLEAN NOT NULL,
    verdict TEXT,
    final_on DATE,
    CONSTRAINT pk_quality_subjects PRIMARY KEY (kind, key, batch_no),
    CONSTRAINT fk_quality_subjects_entry FOREIGN KEY(batch_no, no) REFERENCES quality_entries (batch_no, no)
)

CREATE INDEX ix_quality_subjects_batch_no ON quality_subjects (batch_no)

CREATE INDEX ix_quality_subjects_failed ON quality_subjects (kind, key, final_on) WHERE holds AND verdict = 'nonconforming'

COMMENT ON TABLE quality_subjects IS 'whose record a batch''s result is in'

COMMENT ON COLUMN quality_subjects.kind IS 'seller, producer, product, platform'

COMMENT ON COLUMN quality_subjects.key IS 'law.quality'

COMMENT ON COLUMN quality_subjects.no IS 'the last entry that names it'

COMMENT ON COLUMN quality_subjects.holds IS 'whether that is the batch''s last'

COMMENT ON COLUMN quality_subjects.verdict IS 'null: the result is open again'

CREATE TABLE quality_known (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    sought TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_quality_known PRIMARY KEY (kind, key, sought)
)

CREATE INDEX ix_quality_known_terms ON quality_known USING gin (choujian_terms(sought))

COMMENT ON TABLE quality_known IS 'by what records are found, each spelling once; append-only'

COMMENT ON COLUMN quality_known.sought IS 'law.names.sought of name and key'

COMMENT ON COLUMN quality_known.name IS 'as written'

CREATE TABLE told (
    no BIGINT GENERATED ALWAYS AS IDENTITY,
    source TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content JSONB NOT NULL,
    sha256 TEXT NOT NULL,
    line INTEGER,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    spread BOOLEAN NOT NULL,
    CONSTRAINT pk_told PRIMARY KEY (no)
)

CREATE INDEX ix_told_kind ON told (kind, no)

CREATE INDEX ix_told_to_spread ON told (no) WHERE NOT spread

CREATE UNIQUE INDEX ux_told_source_sequence ON told (source, sequence)

COMMENT ON TABLE told IS 'each event, written with what it tells of'

COMMENT ON COLUMN told.source IS 'batch number, or id of a plan, scheme or commission'

COMMENT ON COLUMN told.sequence IS 'of the source, from 1 without gaps'

COMMENT ON COLUMN told.kind IS 'messages.told.ToldKind'

COMMENT ON COLUMN told.content IS 'messages.told.TOLD'

COMMENT ON COLUMN told.sha256 IS 'of the canonical content'

COMMENT ON COLUMN told.line IS 'of the timeline, or version, that it follows from'

COMMENT ON COLUMN told.at IS 'by the batch''s clock'

COMMENT ON COLUMN told.spread IS 'to all receivers that were known of'

CREATE TABLE told_receivers (
    receiver TEXT NOT NULL,
    kind TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_told_receivers PRIMARY KEY (receiver, kind)
)

COMMENT ON TABLE told_receivers IS 'who is told what: all there was before is spread to him when he comes in'

CREATE TABLE told_to (
    receiver TEXT NOT NULL,
    no BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    first_tried_at TIMESTAMP WITH TIME ZONE,
    since TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answer TEXT,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_told_to PRIMARY KEY (receiver, no),
    CONSTRAINT fk_told_to_no FOREIGN KEY(no) REFERENCES told (no)
)

CREATE INDEX ix_told_to_dead ON told_to (receiver, no) WHERE state = 'dead'

CREATE INDEX ix_told_to_taken ON told_to (receiver, settled_at) WHERE state = 'taken'

CREATE INDEX ix_told_to_waiting ON told_to (receiver, no) WHERE state = 'waiting'

COMMENT ON TABLE told_to IS 'how far each receiver has taken each event in'

COMMENT ON COLUMN told_to.state IS 'waiting, taken, dead'

COMMENT ON COLUMN told_to.next_at IS 'not tried before'

COMMENT ON COLUMN told_to.answer IS 'the last one'

CREATE TABLE draws (
    id TEXT NOT NULL,
    scheme_id TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    key UUID,
    asked_sha256 TEXT NOT NULL,
    title TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    candidates INTEGER NOT NULL,
    announced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    content JSON NOT NULL,
    drafted_by JSONB NOT NULL,
    drafted_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_draws PRIMARY KEY (id),
    CONSTRAINT uq_draws_year_number UNIQUE (year, number),
    CONSTRAINT fk_draws_scheme_id FOREIGN KEY(scheme_id) REFERENCES planned (id),
    CONSTRAINT uq_draws_key UNIQUE (key)
)

CREATE INDEX ix_draws_scheme_id ON draws (scheme_id)

COMMENT ON TABLE draws IS 'random draws with their lists; append-only'

COMMENT ON COLUMN draws.year IS 'calendar year of drafting, Asia/Shanghai'

COMMENT ON COLUMN draws.key IS 'Idempotency-Key'

COMMENT ON COLUMN draws.asked_sha256 IS 'of what was sent'

COMMENT ON COLUMN draws.wanted IS 'how many are to be drawn'

COMMENT ON COLUMN draws.candidates IS 'how many there are'

COMMENT ON COLUMN draws.announced_at IS 'when the seed is published'

COMMENT ON COLUMN draws.content IS 'messages.draws.DrawContent'

CREATE TABLE draw_events (
    no INTEGER NOT NULL,
    draw_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by JSONB NOT NULL,
    said JSON NOT NULL,
    approval_no INTEGER,
    note TEXT NOT NULL,
    CONSTRAINT pk_draw_events PRIMARY KEY (no),
    CONSTRAINT fk_draw_events_draw_id FOREIGN KEY(draw_id) REFERENCES draws (id),
    CONSTRAINT fk_draw_events_approval_no FOREIGN KEY(approval_no) REFERENCES approvals (no)
)

CREATE INDEX ix_draw_events_draw_id_no ON draw_events (draw_id, no)

COMMENT ON TABLE draw_events IS 'what became of each draw; append-only'

COMMENT ON COLUMN draw_events.no IS 'over all draws, without a gap'

COMMENT ON COLUMN draw_events.kind IS 'messages.draws.DrawEventKind'

COMMENT ON COLUMN draw_events.approval_no IS 'of a correction'

COMMENT ON COLUMN draw_events.note IS 'the signed note, which names the one before by its digest'

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

CREATE TRIGGER calendar_imports_only_once BEFORE UPDATE ON calendar_imports
    FOR EACH ROW EXECUTE FUNCTION choujian_only_once('revision')

CREATE TRIGGER approvals_append_only BEFORE DELETE ON approvals
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER approvals_no_truncate BEFORE TRUNCATE ON approvals
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER approvals_decided_once BEFORE UPDATE ON approvals
    FOR EACH ROW EXECUTE FUNCTION choujian_together_once('decided_at', 'decided_by', 'verdict', 'remarks')

CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER revoked_tokens_append_only BEFORE UPDATE OR DELETE ON revoked_tokens
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER revoked_tokens_no_truncate BEFORE TRUNCATE ON revoked_tokens
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER account_units_append_only BEFORE UPDATE OR DELETE ON account_units
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER account_units_no_truncate BEFORE TRUNCATE ON account_units
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER account_changes_append_only BEFORE UPDATE OR DELETE ON account_changes
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER account_changes_no_truncate BEFORE TRUNCATE ON account_changes
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER handovers_append_only BEFORE UPDATE OR DELETE ON handovers
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER handovers_no_truncate BEFORE TRUNCATE ON handovers
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

CREATE TRIGGER evidence_disposals_append_only BEFORE UPDATE OR DELETE ON evidence_disposals
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_disposals_no_truncate BEFORE TRUNCATE ON evidence_disposals
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_no_truncate BEFORE TRUNCATE ON evidence
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_keepers_append_only BEFORE UPDATE OR DELETE ON evidence_keepers
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER evidence_keepers_no_truncate BEFORE TRUNCATE ON evidence_keepers
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER register_entries_append_only BEFORE UPDATE OR DELETE ON register_entries
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER register_entries_no_truncate BEFORE TRUNCATE ON register_entries
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER register_versions_append_only BEFORE UPDATE OR DELETE ON register_versions
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER register_versions_no_truncate BEFORE TRUNCATE ON register_versions
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_append_only BEFORE UPDATE OR DELETE ON planned
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_no_truncate BEFORE TRUNCATE ON planned
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_versions_append_only BEFORE DELETE ON planned_versions
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_versions_no_truncate BEFORE TRUNCATE ON planned_versions
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_versions_only_once BEFORE UPDATE ON planned_versions
    FOR EACH ROW EXECUTE FUNCTION choujian_only_once('approval_no')

CREATE TRIGGER planned_papers_append_only BEFORE UPDATE OR DELETE ON planned_papers
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_papers_no_truncate BEFORE TRUNCATE ON planned_papers
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_letters_append_only BEFORE UPDATE OR DELETE ON planned_letters
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_letters_no_truncate BEFORE TRUNCATE ON planned_letters
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_ends_append_only BEFORE UPDATE OR DELETE ON planned_ends
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER planned_ends_no_truncate BEFORE TRUNCATE ON planned_ends
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER scheme_uses_append_only BEFORE UPDATE OR DELETE ON scheme_uses
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER scheme_uses_no_truncate BEFORE TRUNCATE ON scheme_uses
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER order_runs_append_only BEFORE UPDATE OR DELETE ON order_runs
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER order_runs_no_truncate BEFORE TRUNCATE ON order_runs
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER order_run_rows_append_only BEFORE UPDATE OR DELETE ON order_run_rows
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER order_run_rows_no_truncate BEFORE TRUNCATE ON order_run_rows
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER draws_append_only BEFORE UPDATE OR DELETE ON draws
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER draws_no_truncate BEFORE TRUNCATE ON draws
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER draw_events_append_only BEFORE UPDATE OR DELETE ON draw_events
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER draw_events_no_truncate BEFORE TRUNCATE ON draw_events
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER quality_entries_append_only BEFORE UPDATE OR DELETE ON quality_entries
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER quality_entries_no_truncate BEFORE TRUNCATE ON quality_entries
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER quality_known_append_only BEFORE UPDATE OR DELETE ON quality_known
    FOR EACH ROW EXECUTE FUNCTION choujian_forbid()

CREATE TRIGGER quality_known_no_truncate BEFORE TRUNCATE ON quality_known
    FOR EACH STATEMENT EXECUTE FUNCTION choujian_forbid()

-- What the services may, a line for each table: they own nothing, so that append-only is a right they lack and no trigger
-- that they could switch off. Inserted is only what grows, updated only a column that changes, deleted nothing.
DO $$ begin
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO choujian;
    GRANT INSERT, UPDATE (last) ON counters TO choujian;
    GRANT INSERT, UPDATE (started_at, version, snapshot, kept, phase, outcome, laboratory, retest_laboratory, last_seq,
        last_hash, trademarks, spec_model, clock_ahead, last_position, last_stamp, acts_at, decided_to) ON batches TO choujian;
    GRANT INSERT, DELETE ON batch_search TO choujian;
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
    GRANT INSERT, UPDATE (decided_by, decided_at, verdict, remarks) ON approvals TO choujian;
    GRANT INSERT, UPDATE (revision) ON calendar_imports TO choujian;
    GRANT INSERT ON calendar_recounts TO choujian;
    GRANT INSERT ON access_log TO choujian;
    GRANT INSERT ON revoked_tokens TO choujian;
    GRANT INSERT, UPDATE (name, role, laboratory, password, totp, totp_used, external, failures, failed_at, ended_at)
        ON accounts TO choujian;
    GRANT INSERT ON account_units TO choujian;
    GRANT INSERT ON account_changes TO choujian;
    GRANT INSERT, UPDATE (used_at) ON sign_in_links TO choujian;
    GRANT INSERT, UPDATE (ended_at) ON deputies TO choujian;
    GRANT INSERT, UPDATE (deputises, seen_at, ended_at) ON sessions TO choujian;
    GRANT INSERT, UPDATE (fields, saved_at), DELETE ON drafts TO choujian;
    GRANT INSERT, UPDATE (sub, name, since), DELETE ON holders TO choujian;
    GRANT INSERT ON handovers TO choujian;
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
    GRANT INSERT ON evidence_disposals TO choujian;
    GRANT INSERT ON evidence_keepers TO choujian;
    GRANT INSERT, DELETE ON evidence_places TO choujian;
    GRANT INSERT, UPDATE (looked_at, condition, whole_at), DELETE ON evidence_checks TO choujian;
    GRANT INSERT ON register_entries TO choujian;
    GRANT INSERT ON register_versions TO choujian;
    GRANT INSERT ON planned TO choujian;
    GRANT INSERT, UPDATE (approval_no) ON planned_versions TO choujian;
    GRANT INSERT ON planned_papers TO choujian;
    GRANT INSERT ON planned_letters TO choujian;
    GRANT INSERT ON planned_ends TO choujian;
    GRANT INSERT ON scheme_uses TO choujian;
    GRANT INSERT ON order_runs TO choujian;
    GRANT INSERT ON order_run_rows TO choujian;
    GRANT INSERT, UPDATE (product, laboratory, laboratory_name, bureau, platform, district, bought, sealed, tested, final,
        outcome, first_verdict, verdict, retested, duties, alike) ON tallies TO choujian;
    GRANT INSERT ON quality_entries TO choujian;
    GRANT INSERT, UPDATE (no, holds, verdict, final_on) ON quality_subjects TO choujian;
    GRANT INSERT ON quality_known TO choujian;
    GRANT INSERT, UPDATE (spread) ON told TO choujian;
    GRANT INSERT, DELETE ON told_receivers TO choujian;
    GRANT INSERT, DELETE, UPDATE (state, attempts, first_tried_at, since, next_at, answer, settled_at) ON told_to TO choujian;
    GRANT INSERT ON draws TO choujian;
    GRANT INSERT ON draw_events TO choujian;
end $$
