"""Server and reference model are two statements of one meaning; random programs are played to both and must find no difference.

programs/ are the programs as values, harness/ plays them. test_content, test_events and test_sessions find nothing on the clean
server; test_list_code_paths forces each way of reading a list; test_detection shows that faults are found; test_failure_text
reads what a person is told.
"""
