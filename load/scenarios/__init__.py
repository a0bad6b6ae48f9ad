"""What a scenario asks for: rates over time, and how often each operation comes.

scenario_table  the scenarios by name
arrival_plan    when each request is due and what it asks for; pure and seeded
"""
