"""The pages, a file for each area of the ledger."""
