"""Red flags: conspicuous cases, each with the events it follows from.

A flag is a reason to look, never a verdict: honest work trips some of them, and a clever fraud
none. What makes one a matter of record is an auditor who looks and signs `flag.raised`.

rule        what a flag is: a pure rule over a group of facts
days …      the scopes: how facts of the read models are grouped
rules/      the rules, one file each; the docstring is its page in docs/flags
catalogue   all of them
keeping     the read model `flags`: what they find at the published thresholds
asking      the questions: what is flagged, also at an auditor's own thresholds
"""
