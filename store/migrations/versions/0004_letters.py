"""Document numbers, one gapless series per kind and year; and the letters as they are opened."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# As the regulation on file had them when this was written; documents made out before get theirs too.
_FORMS = {
    "commission_letter": "杭市监网抽委〔{year}〕{number}号",
    "inspection_notice": "杭市监网抽检〔{year}〕{number}号",
    "result_notice": "杭市监网抽结〔{year}〕{number}号",
    "announcement": "杭市监网抽告〔{year}〕{number}号",
    "retest_lab_notice": "杭市监网复定〔{year}〕{number}号",
    "retest_refusal": "杭市监网不复〔{year}〕{number}号",
    "retest_result_notice": "杭市监网复结〔{year}〕{number}号",
    "publication": "杭市监网抽示〔{year}〕{number}号",
    "referral_letter": "杭市监网抽交〔{year}〕{number}号",
}
_NUMBERED = sa.text("""
    with numbered as (
        select d.document_id, y.year,
            row_number() over (partition by d.kind, y.year order by o.no nulls first, d.document_id) as number
        from documents d left join outbox o using (document_id),
            lateral (select extract(year from d.created_at at time zone 'Asia/Shanghai')::int as year) y
    )
    update documents d set series_year = n.year, series_no = n.number,
        number = replace(replace(
            coalesce(cast(:forms as json) ->> d.kind, d.title || '〔{year}〕{number}号'),
            '{year}', n.year::text), '{number}', n.number::text)
    from numbered n where n.document_id = d.document_id
""")


def upgrade() -> None:
    op.add_column(
        "documents",
        sa.Column(
            "facts",
            sa.JSON(),
            nullable=False,
            server_default="{}",
            comment="of the case, for the letter's words",
        ),
    )
    op.alter_column("documents", "facts", server_default=None)
    op.alter_column(
        "documents",
        "sha256",
        comment="of the canonical fields, with the facts where there are any",
        existing_comment="of the canonical fields",
    )
    _numbers()
    _letters()


def _numbers() -> None:
    op.create_table(
        "document_series",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name="pk_document_series"),
        comment="the last document number given of each kind in each year; gapless",
    )
    op.add_column("documents", sa.Column("number", sa.Text(), comment="文号, as it is printed"))
    op.add_column(
        "documents",
        sa.Column("series_year", sa.Integer(), comment="calendar year of making out, Asia/Shanghai"),
    )
    op.add_column("documents", sa.Column("series_no", sa.Integer()))
    op.execute("alter table documents disable trigger documents_only_once")
    op.execute(_NUMBERED.bindparams(sa.bindparam("forms", _FORMS, sa.JSON())))
    op.execute("alter table documents enable trigger documents_only_once")
    op.execute(
        "insert into document_series (kind, year, last)"
        " select kind, series_year, max(series_no) from documents group by kind, series_year"
    )
    for column in ("number", "series_year", "series_no"):
        op.alter_column("documents", column, nullable=False)
    op.create_unique_constraint(
        "uq_documents_kind_series_year_series_no", "documents", ["kind", "series_year", "series_no"]
    )
    op.create_index(
        "ix_documents_corrects",
        "documents",
        ["corrects"],
        postgresql_where=sa.text("corrects IS NOT NULL"),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of the PDF"),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column(
            "typeset_with", sa.Text(), nullable=False, comment="digest of compiler, templates and fonts"
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_letters_document_id"),
        sa.PrimaryKeyConstraint("document_id", name="pk_letters"),
        sa.UniqueConstraint("sha256", name="uq_letters_sha256"),
        comment="documents as they are opened: made once, before anybody sees one, and never altered",
    )
    # A PDF is compressed already.
    op.execute("alter table letters alter column pdf set storage external")
    op.execute(
        "create trigger letters_append_only before update or delete on letters"
        " for each row execute function choujian_forbid()"
    )
    op.execute(
        "create trigger letters_no_truncate before truncate on letters"
        " for each statement execute function choujian_forbid()"
    )
