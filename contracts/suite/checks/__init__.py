"""The laws, one topic a file: what QA reads. Each check has a slug, its law in one sentence and the law's source."""
