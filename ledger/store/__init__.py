"""The store: the history of one ledger in one database, SQLite or PostgreSQL.

Import from the modules, this package imports nothing, so that who only needs the row types
(`replay` on an archive, say) drags in no database:

    rows        the rows that go in and come out, and the batch that is written at once
    errors      what a database can refuse: the head moved, an id is taken, it is not there
    schema      the tables, one definition for both databases
    store       `create_store`, `open_store`, `Store`: the port of the ledger to its database
    recorder    the same history as an eventsourcing `ApplicationRecorder`
"""
