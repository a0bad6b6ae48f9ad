"""The values of a target's answers in the form of our contract, and of our requests in the target's form.

| file | content |
| --- | --- |
| query_translation.py | names and values of a query |
| value_forms.py | ids that are numbers, stamps with other digits, versions that begin at 0, words in upper case, sets |
| error_bodies.py | errors of any form as problem documents |
| absent_members.py | members that are absent, null, or one level higher, and our defaults of those that a request leaves out |
| paged_lists.py | pages of lists that are told in headers, beside the list or as Spring Data's `Page`, and flat trees |
| parameter_names.py | query parameters of another form: in brackets, a key with a minus, foreign keys |
| list_cursors.py | lists that are read on by a cursor |
"""
