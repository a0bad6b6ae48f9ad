"""The queries that the client fetches right after a login (S:450-475).

The guide also fetches the user's profile and preferences, for which it names no path (R33). They are left out here, because
`allSettled` ignores their failure.
"""

from load.virtual_users.guide.exchange import Ask

WARM: tuple[Ask, ...] = (
    Ask("getContentItems", {"page": 1, "limit": 20}),
    Ask("getContentCategories", {"includeEmpty": False}),
    Ask("getContentItems", {"page": 1, "limit": 10, "sortBy": "updatedAt", "sortOrder": "desc"}),
)


def category(name: str) -> Ask:
    """The query that warms a category (`warmCategoryData`, S:477-488)."""
    return Ask("getContentByCategory", {"category": name, "page": 1, "limit": 20})
