"""Where proofs are made from (`ledger.proof`): a ledger's database, or its archive."""
