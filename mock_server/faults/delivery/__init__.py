"""How a response reaches its client while faults are on: late, slowly, in part, or not at all.

- `plan`: what is to be done with one response, as a value.
- `planning`: the steps that make a plan, which the faults of delivery wrap.
- `response_delivery`: carries a plan out.
"""
