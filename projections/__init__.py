"""The read side: tables folded from the ledger, and the questions they answer."""
