"""The tables of accounts and sessions; beside them stand those of :mod:`store.tables`."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

_NOW = text("clock_timestamp()")

accounts = Table(
    "accounts",
    metadata,
    Column("sub", Text, primary_key=True, comment="the account, as it stands in the ledger"),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("laboratory", Text, comment="of laboratory staff"),
    Column("password", Text, comment="Argon2id, as PHC string; null: none was set"),
    Column("totp", LargeBinary, comment="the secret of the second factor, sealed; null: none was set"),
    Column("totp_used", BigInteger, nullable=False, server_default="0", comment="the last period used"),
    Column("external", Text, unique=True, comment="issuer and subject at the bureau's provider"),
    Column("failures", Integer, nullable=False, server_default="0", comment="since the last success"),
    Column("failed_at", Instant),
    Column("ended_at", Instant, comment="it cannot be used any more"),
    Column("made_at", Instant, nullable=False, server_default=_NOW),
    CheckConstraint("(role = 'lab') = (laboratory is not null)", name="laboratory_of_lab"),
    comment="who may sign in at the console",
)

account_units = Table(
    "account_units",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("sub", Text, ForeignKey("accounts.sub"), nullable=False),
    Column("holds_from", Date, nullable=False, comment="Asia/Shanghai, this day included"),
    Column("unit", Text, nullable=False, comment="the office that it belongs to"),
    Column("bureau", Text, comment="code of a subordinate bureau; null: this one, or a laboratory"),
    Column("by_sub", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Instant, nullable=False, server_default=_NOW),
    Index("ix_account_units_sub", "sub", "holds_from"),
    comment="where staff belong, from which day on; append-only",
)

account_changes = Table(
    "account_changes",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("at", Instant, nullable=False, server_default=_NOW),
    Column("sub", Text, nullable=False, comment="whose account"),
    Column("by_sub", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("ix_account_changes_sub", "sub"),
    comment="what was done with accounts, and by whom; append-only",
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of what stands in the link"),
    Column("sub", Text, ForeignKey("accounts.sub"), nullable=False),
    Column(
        "kind", Text, nullable=False, comment="once: signs in; invitation: sets password and second factor"
    ),
    Column("ends_at", Instant, nullable=False),
    Column("used_at", Instant),
    CheckConstraint("kind in ('once', 'invitation')", name="kind"),
    comment="links that are good once",
)

deputies = Table(
    "deputies",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("deputy", Text, ForeignKey("accounts.sub"), nullable=False),
    Column("stands_in_for", Text, ForeignKey("accounts.sub"), nullable=False),
    Column("from_day", Date, nullable=False, comment="Asia/Shanghai, this day included"),
    Column("to_day", Date, nullable=False, comment="this day included"),
    Column("by_sub", Text, nullable=False),
    Column("at", Instant, nullable=False, server_default=_NOW),
    Column("ended_at", Instant, comment="taken back before its time"),
    CheckConstraint("from_day <= to_day", name="in_order"),
    CheckConstraint("deputy <> stands_in_for", name="another"),
    Index("ix_deputies_deputy", "deputy"),
    comment="who acts in whose role, and on which days",
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of what the browser holds"),
    Column("no", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("sub", Text, ForeignKey("accounts.sub"), nullable=False),
    Column("deputises", BigInteger, ForeignKey("deputies.no"), comment="acts in that role"),
    Column("how", Text, nullable=False, comment="password, link, provider"),
    Column("agent", Text, nullable=False, comment="what the browser said that it is"),
    Column("client", Text, nullable=False, comment="the address that signed in"),
    Column("begun_at", Instant, nullable=False, server_default=_NOW),
    Column("seen_at", Instant, nullable=False, server_default=_NOW),
    Column("ends_at", Instant, nullable=False, comment="however busy it is"),
    Column("ended_at", Instant, comment="signed out or revoked"),
    Index("ix_sessions_sub", "sub"),
    comment="who is signed in, from where, since when",
)
