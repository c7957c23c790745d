"""The tables of checkpoints; nothing in them is ever altered."""

from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, Table, Text

from store.tables import Instant, metadata

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False, comment="from 1, without a gap"),
    Column("day", Date, nullable=False, unique=True, comment="on which it was made, Asia/Shanghai"),
    Column("made_at", Instant, nullable=False),
    Column("size", Integer, nullable=False, comment="how many heads"),
    Column("root", Text, nullable=False, comment="of the Merkle tree (RFC 6962) over the heads, hexadecimal"),
    Column("note", Text, nullable=False, comment="the signed note, which names the one before by its digest"),
    comment="one a day at most; append-only",
)

checkpoint_heads = Table(
    "checkpoint_heads",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("no", ForeignKey("checkpoints.no"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    comment="the head of a batch's timeline, at the first checkpoint that had it; append-only",
)

checkpoint_stamps = Table(
    "checkpoint_stamps",
    metadata,
    Column("no", ForeignKey("checkpoints.no"), primary_key=True),
    Column("authority", Text, nullable=False),
    Column("token", LargeBinary, nullable=False, comment="the authority's whole answer (RFC 3161), DER"),
    Column("stamped_at", Instant, nullable=False, comment="as the authority says"),
    comment="time stamps of the signed notes; append-only",
)

checkpoint_mails = Table(
    "checkpoint_mails",
    metadata,
    Column("no", ForeignKey("checkpoints.no"), primary_key=True),
    Column("sent_to", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    comment="which checkpoints have been mailed; append-only",
)
