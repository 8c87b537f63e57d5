"""Replay: judging a whole history again, trusting nobody.

The same functions that admit a statement when it is submitted judge it here once more, under the
keys, roles and rules of its own position; what they derive is compared with what is stored. A
history that passes is what the law makes of what the parties signed, in the order that the
checkpoints fix.

    verifying    `verify`: the judgement, from the first statement to the newest checkpoint
    report       what it found: `Report`, or `Wrong` with the first wrong statement or event
    sources      where a history is read from, and what else is compared there: an archive
    database     the same for a database, row by row
    openings     signatures and hashes, in this process or in helpers beside it
    uniqueness   that no id came twice, in bounded memory
    accepted     the checkpoint accepted last, kept from one verification to the next
    exporting    from a database to an archive
    explaining   `explain`: why a payment is what it is, recomputed from the log; `steps` and
                 `explanation` are what it says, `tally` its own figures, `reckoning`,
                 `adjusting` and `ordering` what each event type changes of them

Import from the modules; this package imports nothing, and none but `database` and `exporting`
need a database library.
"""
