"""The checks of the suite, one topic a file. Each has a slug, its law in one sentence and the source of the law."""
