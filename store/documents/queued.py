"""Which letters lie in the post queue: a part of statements, said once for whoever reads of letters.

``o``, ``d`` and ``b`` are outbox, documents and batches.
"""

# Of a batch that was left at once nothing is posted or followed any more, but what tells of that.
FOLLOWED = (
    "(b.outcome is null or b.outcome not in ('abandoned', 'voided')"
    " or d.kind in ('voidance_notice', 'withdrawal_notice'))"
)
# What is not served counts as sent when it is made out, and lies in the queue all the same.
TO_POST = f"o.queue = 'to_post' and {FOLLOWED}"
