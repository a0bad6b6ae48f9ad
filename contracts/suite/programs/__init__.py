"""Sequences of requests: drawn at random, sent at once, or derived from a schema, and the history they make.

`model_program`: random programs held against the reference model.
`promised_body`: what an answer of a target with a document of its own says, for the model.
`lost_answer_programs`: the same over a network that loses answers.
`program_search`: how Hypothesis draws programs and makes a failing one shorter.
`race`: many clients at once, and the history of their calls.
`history_calls`: from exchanges and socket messages to the calls of a history.
`request_mutation`: requests that break one rule at a time.
`keyword_variants`: for every keyword of a schema a body that breaks just it.
"""
