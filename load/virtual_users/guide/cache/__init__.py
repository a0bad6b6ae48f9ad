"""The caches of the guide's clients.

query_cache  RTK Query's cache: subscriptions, lifetimes, de-duplication, invalidation
cache_tags   the cache tags of one call, by `x-cache-tags` of openapi.yaml
optimistic   optimistic updates and their rollback
http_cache   the iOS client's cache of answers, revalidated by entity tag
warming      the queries that are fetched after a login
"""
