"""What must hold of any server of the Tchat API.

The packages beside this one (`mock_server`, `load`, `reports`) import it and never each other.
But for `contracts.suite` nothing in here performs I/O beyond reading the two documents once.

- `spec/`: the documents, read once into values; `schema`: an answer held against them; `json_text`: JSON of somebody else's.
- `history`, `checkers/`: what was asked and answered, and pure functions from that to verdicts.
- `verdict`, `objective`: PASS, ADVISORY, UNKNOWN or FAIL, and when a sample is large enough for one.
- `model/`: the reference model; `content_writes`: which operations change items, and how.
- `run/`: the result of a run, in the form that suite and load write and reports read.
- `dialect/`: the translation at the wire, where a target calls things otherwise; `rules.md`: each rule with its reason.
- `harm`, `risk_categories`: what a broken law does to whom, and which public catalogues of risks are looked for.
- `command/`, `network/`: what the commands and the clients of all packages share.
- `suite/`: the checks themselves, as pytest tests of a server at a URL; `lint/`: public linters over the two documents.
"""
