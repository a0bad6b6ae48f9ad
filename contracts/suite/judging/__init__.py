"""What is true of one exchange by the document alone, whatever test asked for it.

`answer_judgement`: what is wrong with an answer: shape, problem document, Allow, secrets.
`parameter_values`: how a request's parameters read, from the wire to typed values.
`request_oracle`: which statuses a request may have: 400 exactly where it breaks the document.
`second_opinion`: the same by python's `jsonschema`, asked before anybody is blamed.
`schema_keywords`: which keywords of a request schema a value exercises, on which side.
`contract_coverage`: what the run has reached, counted.
`recorder`: every exchange of the process judged, counted and kept for the running test.
"""
