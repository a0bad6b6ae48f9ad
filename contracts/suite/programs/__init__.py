"""Generated sequences of requests: random programs, races, and mutations of valid requests.

`model_program`: random programs that are compared with the reference model.
`promised_body`: the answer of a target with another document, for the model.
`lost_answer_programs`: random programs over a network that loses answers.
`program_search`: generating and shrinking programs with Hypothesis.
`race`: several clients at once, and the history of their calls.
`history_calls`: the calls of a history, made of exchanges and socket messages.
`request_mutation`: random requests that break one rule at a time.
`complete_body`: an example body with every member.
`keyword_variants`: for every keyword of a schema a body that violates only it.
"""
