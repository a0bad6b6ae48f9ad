"""From verdicts and a policy to a release decision, without any I/O.

| file | content |
| --- | --- |
| verdict_facts.py | what a policy may ask of a verdict, and what exactly failed |
| policy.py | effects, rules and accepted failures, from YAML |
| decide.py | the decision and its exit code |
| acceptances.py | entries of a policy for the failures of a run |
| reasons.py | verdicts with one cause as one line, worst first |
| run_judges.py | verdicts on a whole run after its end |
"""
