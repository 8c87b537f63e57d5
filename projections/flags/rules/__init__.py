"""The rules, one file each; each file's docstring is its page in docs/flags."""
