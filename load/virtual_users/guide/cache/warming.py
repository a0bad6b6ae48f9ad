"""The queries that are fetched at once after a login (S:450-475).

The guide also asks for the user's profile and preferences, for which it names no path (R33); `allSettled` bears that
they fail, and they are left out here.
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
