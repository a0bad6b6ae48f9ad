"""What the guide's clients keep of answers.

query_cache  RTK Query's cache: subscriptions, lifetimes, de-duplication, invalidation
cache_tags   `x-cache-tags` of openapi.yaml for one argument and result
optimistic   optimistic updates and their rollback
http_cache   iOS: answers revalidated by entity tag
warming      what is fetched after a login
"""
