"""From verdicts and a policy to a release decision, without any I/O.

decide: the decision and its exit code · policy: effects, rules and accepted failures, from YAML · reasons: verdicts with
one cause as one line, worst first · run_judges: verdicts on a whole run after its end.
"""
