"""What a function calls, played over TLS on this machine: DynamoDB, SQS, Secrets Manager and Prevail, as one process.

Lean, so that little of what is measured is theirs, and right: the table passes the contract of every table.
"""
