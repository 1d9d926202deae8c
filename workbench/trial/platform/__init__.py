"""Faults of the platform itself: what if DynamoDB, SQS or Secrets Manager fail a running stack?

A proxy (microburst) stands between the functions and the local AWS, and strikes by rules; the local AWS's own poller
goes past it.
"""
