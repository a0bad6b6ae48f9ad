"""Schemathesis as a source of cases and of checks (the library is always imported by its absolute name).

`bounded_adapter`: the way of Schemathesis's requests to the target, bounded in seconds and bytes.
`case_feeding`: ids, versions and tokens that random cases lack.
`schemathesis_runner`: one process's schema and session; sends the cases of one phase and collects the failures.
`link_walk`: a walk along the document's links.
`model_observer`: the reference model beside a run that somebody else drives.
`schemathesis_session`: what our hooks know of one target while Schemathesis' command line drives the requests.
"""
