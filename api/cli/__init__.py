"""The command line, `sunledger`: one file a group of commands; `main` puts them together."""
