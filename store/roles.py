"""The two roles of the database: one owns the tables, the other is what the services connect as.

Append-only is a matter of rights: the service role may read and insert, and update only the columns that
change (``store/migrations/baseline.sql``). It can neither alter a table nor silence a trigger.
"""

OWNER = "choujian_owner"
SERVICE = "choujian"
