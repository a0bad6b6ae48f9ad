"""The release decision, from verdicts and a policy.

| file | content |
| --- | --- |
| verdict_facts.py | the facts of a verdict that a policy can match, and the signature of its failure |
| policy.py | the policy: effects, rules and accepted failures, from YAML |
| decide.py | the decision and its exit code |
| acceptances.py | policy entries for the failures of a run |
| reasons.py | the reasons of a decision: verdicts with one cause as one line, worst first |
| run_judges.py | judges that add verdicts to a finished run |
"""
