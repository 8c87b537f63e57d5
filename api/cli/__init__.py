"""The command line: `sunledger`. One file a group of commands; `main` puts them together."""
