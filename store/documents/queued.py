"""Which letters lie in the post queue: a part of statements, said once for whoever reads of letters.

``o``, ``d`` and ``b`` are outbox, documents and batches.
"""

# Of a batch that was left at once nothing is posted or followed any more, but what tells of that.
FOLLOWED = (
    "(b.outcome is null or b.outcome not in ('abandoned', 'voided')"
    " or d.kind in ('voidance_notice', 'withdrawal_notice'))"
)
# People are to hand it over, and nobody has yet. What is not served counts as sent when it is made out.
TO_POST = f"o.status in ('to_send', 'sent') and o.channel = 'outbox' and o.posted_on is null and {FOLLOWED}"
