"""The judgement of single exchanges by the document alone, whatever test sent them.

`answer_judgement`: the errors of an answer: shape, problem document, Allow, secrets.
`foreign_form`: errors in a form that the document has nowhere, which something before the API may have made.
`request_oracle`: the statuses that a request may get: 400 if and only if it breaks the document.
`open_requests`: requests whose status the document leaves open.
`second_opinion`: validation with python's `jsonschema`, before a server is blamed.
`schema_keywords`: the keywords of a request schema that a value exercises, with their sides.
`contract_coverage`: the counts of what the run has reached.
`status_offence`: the cause of a failure that is about a status.
`value_offence`: the cause of a failure that is about a value.
`recorder`: `Recorder`, which judges, counts and keeps every exchange of the process.
"""
