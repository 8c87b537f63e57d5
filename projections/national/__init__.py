"""Many ledgers at once, as a national auditor sees them: as columns, recomputed by SQL.

    columns     a ledger as Parquet, by month, and the writer of it
    writing     from a ledger's database to columns
    staging     from an archive to columns, by way of the replay
    checking    hashes and signatures of a month of a ledger, recomputed
    questions   what is asked by SQL: balances, accounts below zero, red flags
    duck        the engine of one machine
    spark       the engine of many
    auditing    the audit: every ledger's findings, balances and flags, from either engine

The columns are claims of whoever made them. What is signed is recomputed from the notes and the
events' bytes; the other columns are compared with these, but for postings and home subjects, which
only the law can derive: `verify` does, and so does the way from an archive to columns.
"""
