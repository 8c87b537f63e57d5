"""The ledger's core. Imports nothing, so that verifying an archive drags in no database."""
