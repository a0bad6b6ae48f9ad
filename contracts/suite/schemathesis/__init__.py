"""The use of Schemathesis for generating and checking requests (the library is always imported by its absolute name).

`bounded_adapter`: an adapter for `requests` that limits the time and size of answers.
`case_feeding`: putting existing ids, versions and tokens into random cases.
`schemathesis_runner`: sending the cases of one phase and collecting the failures.
`link_walk`: walks along the document's links.
`model_observer`: comparing the answers of a Schemathesis run with the reference model.
`schemathesis_session`: the state of our hooks for one target, while Schemathesis' command line sends the requests.
"""
